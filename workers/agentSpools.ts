/** @file Whose spool a folder is: a claim beside the segments, and the process that carries it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Claim } from './link.ts';

/** A process id means nothing after a restart of the machine, so the time of its start goes with it. */
interface Owner extends Claim {
  readonly pid: number;
  readonly bootSeconds: number;
}

const file = 'claim.json';
const bootSeconds = (): number => Math.round(Date.now() / 1000 - uptime());
const sameBoot = (a: number, b: number): boolean => Math.abs(a - b) < 60; // the clock may be set while the machine runs

export function claimFolder(folder: string, claim: Claim): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), JSON.stringify({ ...claim, pid: process.pid, bootSeconds: bootSeconds() } satisfies Owner));
}

export function releaseFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Folders whose process is gone, now ours. */
export function leftovers(spool: string): { folder: string; claim: Claim }[] {
  const found: { folder: string; claim: Claim }[] = [];
  for (const name of readdirSync(spool)) {
    const folder = join(spool, name);
    try {
      const { worker, run, attempt, pid, bootSeconds: boot } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Owner;
      if (sameBoot(boot, bootSeconds()) && pid !== process.pid && isAlive(pid)) continue;
      claimFolder(folder, { worker, run, attempt });
      found.push({ folder, claim: { worker, run, attempt } });
    } catch {
      continue; // no claim in it: not a spool, or one that never got a row
    }
  }
  return found;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
