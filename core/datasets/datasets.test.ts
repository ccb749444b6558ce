/** @file The data sets: the same from the same seed, learnable, standardized; files that are damaged are refused by name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import type { Data } from '../define.ts';
import { rng } from '../rng.ts';
import { parseCifar } from './cifar10.ts';
import { datasets } from './index.ts';
import { parseIdx } from './idx.ts';

const made = Object.values(datasets).filter(({ generate }) => generate);
const small = (name: string) => ({ ...defaults('dataset', name), train: 600, heldOut: 300 });

/** Share of the held-out set whose nearest class mean (of the training set) is its own. */
function nearestMean({ train, heldOut }: { train: Data; heldOut: Data }): number {
  const { inputSize: d, outputSize } = train;
  const sums = new Float64Array(outputSize * d);
  const counts = new Float64Array(outputSize);
  for (let i = 0; i < train.n; i++) {
    counts[train.labels![i]!]!++;
    for (let j = 0; j < d; j++) sums[train.labels![i]! * d + j]! += train.inputs[i * d + j]!;
  }
  let right = 0;
  for (let i = 0; i < heldOut.n; i++) {
    const distances = Array.from({ length: outputSize }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (heldOut.inputs[i * d + j]! - sums[k * d + j]! / counts[k]!) ** 2;
      return sum;
    });
    if (distances.indexOf(Math.min(...distances)) === heldOut.labels![i]) right++;
  }
  return right / heldOut.n;
}

for (const dataset of made) {
  const { name } = dataset.card;
  test(`${name}: sizes are what was promised, every label is used, the same seed makes the same data`, () => {
    const options = small(name);
    const { train, heldOut } = dataset.generate!(rng(1, 'data'), options);
    const sizes = dataset.sizes(options)!;
    assert.deepEqual([train.inputSize, train.outputSize, train.n, heldOut.n], [sizes.inputs, sizes.outputs, 600, 300]);
    assert.equal(train.inputs.length, 600 * sizes.inputs);
    assert.equal(new Set(train.labels).size, sizes.outputs);
    assert.ok(train.inputs.every(Number.isFinite));
    const again = dataset.generate!(rng(1, 'data'), options);
    assert.deepEqual(again.train.inputs, train.inputs);
    assert.deepEqual(again.heldOut.labels, heldOut.labels);
    assert.notDeepEqual(dataset.generate!(rng(2, 'data'), options).train.inputs, train.inputs);
  });
  test(`${name}: can be learned: the nearest class mean is right far more often than chance`, () => {
    const chance = 1 / dataset.sizes(small(name))!.outputs;
    const share = nearestMean(dataset.generate!(rng(1, 'data'), small(name)));
    assert.ok(share > 2 * chance, `${share} against ${chance}`);
  });
}

test('glyphs and the mixture are standardized by the training set', () => {
  for (const name of ['glyphs', 'gaussianMixture'] as const) {
    const { train } = datasets[name].generate!(rng(1, 'data'), small(name));
    for (const j of [0, 7, 31]) {
      const column = Array.from({ length: train.n }, (_, i) => train.inputs[i * train.inputSize + j]!);
      const mean = column.reduce((sum, x) => sum + x / train.n, 0);
      const variance = column.reduce((sum, x) => sum + (x - mean) ** 2 / train.n, 0);
      assert.ok(Math.abs(mean) < 1e-5 && Math.abs(variance - 1) < 1e-4, `${name} ${j}: ${mean}, ${variance}`);
    }
  }
});

const idxFile = (shape: number[], values: number[]) => {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x800 + shape.length);
  shape.forEach((n, i) => view.setUint32(4 + 4 * i, n));
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
};
const images = idxFile([3, 2, 2], [0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
const labels = idxFile([3], [0, 1, 1]);
const four = (changed: Record<string, Uint8Array> = {}) =>
  new Map(
    Object.entries({
      'train-images-idx3-ubyte': images,
      'train-labels-idx1-ubyte': labels,
      't10k-images-idx3-ubyte': images,
      't10k-labels-idx1-ubyte': labels,
      ...changed,
    }),
  );

test('IDX files are read: pixels to [0, 1] and standardized, labels as they are', () => {
  assert.deepEqual(Array.from(parseIdx('x', images, 3).values.subarray(0, 4)), [0, 255, 10, 20]);
  const { train, heldOut } = datasets.idx.files!.parse(four(), { ...defaults('dataset', 'idx'), limit: 2 });
  assert.deepEqual([train.n, heldOut.n, train.inputSize, train.outputSize, train.imageShape], [2, 3, 4, 2, [2, 2, 1]]);
  assert.deepEqual(Array.from(train.labels!), [0, 1]);
  assert.ok(Math.abs(train.inputs[0]! + 1) < 1e-6 && Math.abs(train.inputs[4]! - 1) < 1e-6); // two values are one deviation from their mean
});

test('damaged IDX files are refused: what, got, allowed', () => {
  const options = defaults('dataset', 'idx');
  const refused = (changed: Record<string, Uint8Array>, message: RegExp) =>
    assert.throws(() => datasets.idx.files!.parse(four(changed), options), message);
  refused({ 'train-images-idx3-ubyte': images.subarray(0, 20) }, /train-images-idx3-ubyte: sizes 3 x 2 x 2 take 28 bytes, got 20/);
  refused({ 'train-images-idx3-ubyte': labels }, /magic number of IDX bytes of rank 3 is 2051, got 2049|at least 16 bytes/);
  refused({ 'train-labels-idx1-ubyte': idxFile([2], [0, 1]) }, /holds 3 images, the labels are 2/);
  refused({ 't10k-images-idx3-ubyte': idxFile([3, 1, 2], [1, 2, 3, 4, 5, 6]) }, /images of 2 pixels, but those of .* have 4/);
  refused({ 'train-labels-idx1-ubyte': new Uint8Array(0) }, /at least 8 bytes, got 0/);
  refused({ 'train-images-idx3-ubyte': idxFile([0, 2, 2], []), 'train-labels-idx1-ubyte': idxFile([0], []) }, /holds no image/);
});

test('CIFAR-10 records are read plane by plane; cut and foreign ones are refused', () => {
  const record = new Uint8Array(3073);
  record[0] = 7;
  record[1] = 255; // red of the first pixel
  record[1 + 1024] = 51; // its green
  const { labels: classes, inputs } = parseCifar('batch', record, 10);
  assert.equal(classes[0], 7);
  assert.deepEqual(
    Array.from(inputs.subarray(0, 3), (x) => Math.round(x * 1000)),
    [1000, 200, 0],
  );
  assert.throws(() => parseCifar('batch', record.subarray(1), 10), /whole records of 3073 bytes are needed, got 3072 bytes/);
  assert.throws(() => parseCifar('batch', new Uint8Array(0), 10), /got 0 bytes/);
  record[0] = 10;
  assert.throws(() => parseCifar('batch', record, 10), /labels are 0 to 9, record 0 has 10/);
});
