/** @file The agent's side of the process that trains: starts it, watches that it lives, says how it ended. */
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Desired, LogLine } from '#core/protocol.ts';
import type { ClaimedRun, ToAgent, ToChild } from './agentMessages.ts';
import { maxReason, type SpooledReport } from './recorder.ts';
import type { Frame } from './spool.ts';

/** Without a turn of its event loop for so long a child is taken for hung: the reference may evaluate a wide network for minutes in one call. */
const hungMs = 900_000;
const watchMs = 5_000;
const keptLines = 20;

export interface TrainChild {
  /** What the people want. */
  desire(desired: Desired): void;
  /** The worker is being stopped: a run that nobody else wants paused or stopped is paused and given back. */
  leave(): void;
  kill(reason: string): void;
  /** Settles when the process is gone: frames that still have to be delivered behind its spool. */
  readonly ended: Promise<readonly Frame[]>;
}

export function trainChild(options: {
  run: ClaimedRun;
  folder: string;
  checkpoint: Uint8Array | null;
  path?: string;
  ring: () => void;
  log: (line: LogLine) => void;
}): TrainChild {
  const { run, folder, checkpoint, ring, log } = options;
  const path = options.path ?? fileURLToPath(new URL('./agentChild.ts', import.meta.url));
  const child = fork(path, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const send = (message: ToChild): void => {
    if (child.connected) child.send(message, () => {}); // a child that is gone is noticed by its exit
  };
  const lines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    });
  let lastTick = performance.now();
  let left: readonly Frame[] | null = null;
  let killed = '';
  child.on('message', (message: ToAgent) => {
    lastTick = performance.now();
    if (message.type === 'ring') ring();
    else if (message.type === 'log') log(message.line);
    else if (message.type === 'done') left = message.left;
  });
  const kill = (reason: string): void => {
    killed ||= reason;
    child.kill('SIGKILL');
  };
  const watch = setInterval(() => {
    if (performance.now() - lastTick > hungMs) kill(`no sign of life for ${hungMs / 1000} s`);
  }, watchMs);
  let failed: Error | null = null;
  const ended = new Promise<readonly Frame[]>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearInterval(watch);
      resolve(left ?? [lastWords(failed ? failed.message : killed || describe(code, signal, lines), lines)]);
    };
    child.on('close', settle); // after the streams: the last lines are in
    child.on('error', (error) => {
      failed = error;
      if (child.pid === undefined) settle(null, null);
    });
  });
  send({ type: 'start', run, folder, checkpoint });
  let wanted: Desired = 'run';
  let leaving = false;
  const tell = (): void => {
    const giveBack = leaving && wanted === 'run';
    send({ type: 'desired', desired: giveBack ? 'pause' : wanted, leaving: giveBack });
  };
  return {
    desire(desired) {
      wanted = desired;
      tell();
    },
    leave() {
      leaving = true;
      tell();
    },
    kill,
    ended,
  };
}

function describe(code: number | null, signal: NodeJS.Signals | null, lines: readonly string[]): string {
  if (signal === 'SIGKILL') return 'the training process was killed (SIGKILL): by hand, or by the system for want of memory';
  const error = lines.findLast((line) => /\b\w*Error\b.*:/.test(line));
  const how = signal ? `the training process died of ${signal}` : `the training process ended with code ${code}`;
  return error ? `${how}: ${error.trim()}` : `${how} without a word`;
}

function lastWords(reason: string, lines: readonly string[]): Frame {
  const at = new Date().toISOString();
  const log: LogLine[] = [...lines, reason].map((text) => ({ at, level: 'error', text }));
  const report: SpooledReport = { status: 'crashed', reason: reason.slice(0, maxReason), log };
  return { kind: 'report', payload: Buffer.from(JSON.stringify(report)) };
}
