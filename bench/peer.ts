/** @file A peer that answers how long it takes for the same work: a process beside ours that only one of us uses at a time. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Network } from './networks.ts';

export type Work = 'step' | 'gradient' | 'product' | 'lanczos' | 'blocks';
export interface Peer {
  readonly name: string;
  /** Median milliseconds of a call, in about so many seconds. */
  time(what: Work, network: Network, seconds: number): Promise<number>;
  /** The same for one product of two square matrices. */
  matmul(size: number, seconds: number): Promise<number>;
  close(): void;
}

/** PyTorch in that Python; null, with a word on the console, where there is none. */
export async function openPeer(python = 'python3', threads = 1): Promise<Peer | null> {
  const count = String(threads);
  const child = spawn(python, [fileURLToPath(new URL('./peers/pytorch.py', import.meta.url)), count], {
    env: { ...process.env, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {}); // the lines end, which says the same
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    return done ? null : (JSON.parse(value) as { version?: string; ms?: number });
  };
  const first = await next();
  if (!first) {
    console.error(`no peer: ${python} has no PyTorch; name one with --python`);
    return null;
  }
  const ask = async (question: object) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await next();
    if (answer?.ms === undefined) throw new Error(`the peer left at ${JSON.stringify(question)}`);
    return answer.ms;
  };
  return {
    name: `PyTorch ${first.version} eager`,
    time: (what, network, seconds) => ask({ what, network, seconds }),
    matmul: (size, seconds) => ask({ what: 'matmul', size, seconds }),
    close: () => child.kill(),
  };
}
