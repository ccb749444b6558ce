/** @file Entry of the process that tries to load one runtime: its name is the argument, the probes go back over the process channel. */
import type { Probe } from './probe.ts';

const name = process.argv[2];

async function probe(): Promise<readonly Probe[]> {
  try {
    if (name === 'onnx') return await (await import('./runtimes/onnx.ts')).probeOnnx();
    return await (await import('./runtimes/tensorflow.ts')).probeTensorflow();
  } catch (error) {
    return [{ name: String(name), version: '', device: 'any', available: false, reason: (error as Error).message }];
  }
}

const probes = await probe();
process.send!(probes, undefined, undefined, () => process.exit(0));
