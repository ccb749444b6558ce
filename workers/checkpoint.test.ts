/** @file Checkpoints come back to the bit, and damaged ones are refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.ts';

const spec = 'a'.repeat(64);
const checkpoint: Checkpoint = {
  spec,
  step: 17,
  tensors: {
    'layer1.weight': Float32Array.of(1.5, -0, NaN, Infinity, 1e-45),
    'curvature/whole': Float64Array.of(Math.PI, -1e-310),
    order: Int32Array.of(-1, 2 ** 31 - 1, 0),
    'ℓ/slot': new Float32Array(0),
  },
};

test('a checkpoint comes back to the bit, from any offset', () => {
  const bytes = encodeCheckpoint(checkpoint);
  for (const offset of [0, 1, 5]) {
    const moved = new Uint8Array(bytes.length + offset);
    moved.set(bytes, offset);
    assert.deepEqual(decodeCheckpoint(moved.subarray(offset), spec), checkpoint);
  }
  assert.deepEqual(decodeCheckpoint(Buffer.from(bytes), spec), checkpoint);
});

test('cut anywhere or changed anywhere it is refused', () => {
  const bytes = encodeCheckpoint(checkpoint);
  for (let length = 0; length < bytes.length; length += 3)
    assert.throws(() => decodeCheckpoint(bytes.subarray(0, length), spec), /^RangeError: checkpoint: /);
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 0x10;
    assert.throws(() => decodeCheckpoint(changed, spec), /^RangeError: checkpoint: /);
  }
  assert.throws(() => decodeCheckpoint(new Uint8Array([...bytes, 0]), spec), /checksum/);
});

test('the checkpoint of another spec is refused', () => {
  assert.throws(() => decodeCheckpoint(encodeCheckpoint(checkpoint), 'b'.repeat(64)), /belongs to the spec a+, this run's is b+/);
});
