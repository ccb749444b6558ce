/** @file ONNX Runtime on WebGPU agrees with the reference, on a GPU or on a software device (SwiftShader comes with Debian's Chromium). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disagreements } from './agreement.fixture.ts';
import { openOnnx, tryOut } from './onnx.ts';
import { openReference } from './reference.ts';

async function opened() {
  const runtime = await openOnnx({ device: 'webgpu' });
  try {
    await tryOut(runtime);
    return runtime;
  } catch (error) {
    await runtime.close();
    return (error as Error).message.split('\n')[0]!;
  }
}
const runtime = await opened();

/**
 * WGSL promises sin and cos to 2^-11 only and pow to the errors of exp2 and log2; SwiftShader uses that room (sin is 2e-4 off), and
 * most losses here go through a sine. So this finds wrong kernels and wrong lowerings, not rounding; the CPU tests do that.
 */
test(
  'onnx webgpu float32: every op and both derivatives agree with the reference, to what WGSL promises',
  { skip: typeof runtime === 'string' ? runtime : false },
  async () => {
    if (typeof runtime === 'string') return;
    const reference = openReference();
    const trial = { name: 'onnx webgpu', runtime, precision: 'float32', value: 1e-3, derivative: 2e-3 } as const;
    assert.deepEqual(await disagreements(reference, trial), []);
    await runtime.close();
    await reference.close();
  },
);
