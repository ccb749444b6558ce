/** @file Which runtimes load on this machine. Each is tried in a process of its own: a native library that crashes is then a reason, not the end. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RegisterRequest } from '#core/protocol.ts';

export type Probe = RegisterRequest['runtimes'][number];

const probed = ['onnx', 'tensorflow'] as const;
const timeoutMs = 60_000; // loading the native TensorFlow from a cold disk takes several seconds

/** Every runtime and device, those that do not load with the reason. The reference is plain TypeScript and always there. */
export async function probeRuntimes(): Promise<Probe[]> {
  const found: Probe[] = [];
  for (const name of probed) found.push(...(await probeOne(name))); // one after another: two native libraries at once would time each other
  return [...found, { name: 'reference', version: process.versions.node, device: 'cpu', available: true }];
}

function probeOne(name: (typeof probed)[number]): Promise<Probe[]> {
  const failed = (reason: string): Probe[] => [{ name, version: '', device: 'any', available: false, reason }];
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./probeChild.ts', import.meta.url)), [name], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    let answer: Probe[] | null = null;
    child.stderr!.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2_000)));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('message', (message: Probe[]) => (answer = message));
    child.on('error', (error) => resolve(failed(error.message)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve(answer ?? failed(`loading it ended with ${signal ?? `code ${code}`}: ${errors.trim().split('\n').at(-1) ?? ''}`));
    });
  });
}

/** One line for people: what is there, what is not and why. */
export function describeProbes(probes: readonly Probe[]): string {
  const there = probes.filter(({ available }) => available).map(({ name, device, version }) => `${name} ${version} on ${device}`);
  return `${there.join(', ')}; each run times its own program on these and takes the fastest`;
}
