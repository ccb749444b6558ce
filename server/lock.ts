/** @file One server per data folder: `server.lock` names who holds it. A lock whose process is gone is taken over. */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly url: string | null;
  readonly since: string;
  /** Tells a process from a later one that was given the same number; null where the system does not say. */
  readonly started: string | null;
}

/** Something a person must mend before the server can start; the message is for them. */
export class StartError extends Error {}

const fileName = 'server.lock';

/** Start of a process in clock ticks since boot, with the boot's id (Linux). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return null;
  }
}

export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function lives({ pid, host, started }: Holder): boolean {
  // Another machine's process cannot be asked; a shared folder with two machines is refused rather than risked.
  if (host !== os.hostname()) return true;
  if (pid === process.pid) return false;
  return processLives(pid) && (started === null || startOf(pid) === null || startOf(pid) === started);
}

function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Makes the folder and takes its lock. */
export function takeLock(folder: string): { announce(url: string): void; release(): void } {
  const file = path.join(folder, fileName);
  const own: Holder = { pid: process.pid, host: os.hostname(), url: null, since: new Date().toISOString(), started: startOf(process.pid) };
  const draft = `${file}.${process.pid}`;
  const write = (holder: Holder) => {
    const descriptor = openSync(draft, 'w', 0o600);
    writeSync(descriptor, JSON.stringify(holder));
    fsyncSync(descriptor);
    closeSync(descriptor);
  };
  try {
    mkdirSync(folder, { recursive: true });
    write(own);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
      throw new StartError(
        `the data folder ${folder} cannot be written (${code}); choose another with --data or PLATEAU_DATA, or make it writable`,
      );
    if (code === 'ENOSPC') throw new StartError(`the disk of the data folder ${folder} is full`);
    throw new StartError(`the data folder ${folder} cannot be used: ${message}`);
  }
  // link() fails where the name exists, so of two servers that start together one wins.
  for (let attempt = 0; ; attempt++) {
    try {
      linkSync(draft, file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        rmSync(draft, { force: true });
        throw error;
      }
      const holder = read(file);
      if (holder && lives(holder)) {
        rmSync(draft, { force: true });
        throw new StartError(
          `the data folder ${folder} is held by another server: ${holder ? `process ${holder.pid} on ${holder.host}, ${holder.url ?? 'still starting'}, since ${holder.since}` : 'its lock cannot be read'}; stop that one, or choose another folder with --data`,
        );
      }
      // Stale: moved aside under a name of our own first, so that two who find it stale do not remove each other's new lock.
      try {
        renameSync(file, `${draft}.stale`);
        unlinkSync(`${draft}.stale`);
      } catch {
        // Somebody else was quicker.
      }
    }
  }
  unlinkSync(draft);
  return {
    announce(url) {
      write({ ...own, url });
      renameSync(draft, file);
    },
    release() {
      if (read(file)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}
