/** @file A process that is asked one thing: bounded in memory, heard until it ends, killed when nobody wants the answer any more. */
import { fork } from 'node:child_process';

const heapMiB = 2_048;

/**
 * Sends `task` to a process of its own and hands over every word it says.
 * @returns how it ended, once it has: code or signal, and the last line of its errors
 */
export function askChild(entry: string, task: object, signal: AbortSignal, hear: (word: unknown) => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [`--max-old-space-size=${heapMiB}`],
    signal,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr!.on('data', (part: Buffer) => (errors = (errors + part.toString()).slice(-2_000)));
  child.on('message', hear);
  child.on('error', (error) => (errors = error.message));
  child.once('close', (code, name) => resolve(`ended with ${name ?? `code ${code}`}: ${errors.trim().split('\n').at(-1) ?? ''}`));
  child.send(task);
  return promise;
}
