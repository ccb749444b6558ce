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

/** Share of the held-out set whose nearest training sample is of its own class. */
function nearestSample({ train, heldOut }: { train: Data; heldOut: Data }): number {
  const { inputSize: d } = train;
  let right = 0;
  for (let i = 0; i < heldOut.n; i++) {
    let [best, label] = [Infinity, -1];
    for (let k = 0; k < train.n; k++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (heldOut.inputs[i * d + j]! - train.inputs[k * d + j]!) ** 2;
      if (sum < best) [best, label] = [sum, train.labels![k]!];
    }
    if (label === heldOut.labels![i]) right++;
  }
  return right / heldOut.n;
}

for (const dataset of made) {
  const { name } = dataset.card;
  test(`${name}: sizes are what was promised, every label is used, the same seed makes the same data, another seed others`, () => {
    const options = small(name);
    const data = dataset.generate!(rng(1, 'data'), options);
    const { train, heldOut } = data;
    const sizes = dataset.sizes(options)!;
    assert.deepEqual([train.n, heldOut.n], [600, 300]);
    for (const part of [train, heldOut]) {
      assert.deepEqual([part.inputSize, part.outputSize], [sizes.inputs, sizes.outputs]);
      assert.equal(part.inputs.length, part.n * sizes.inputs);
      assert.ok(part.inputs.every(Number.isFinite));
      if (dataset.targets === 'labels') {
        assert.deepEqual(
          [...new Set(part.labels)].sort((a, b) => a - b),
          Array.from({ length: sizes.outputs }, (_, k) => k),
        );
        assert.equal(part.labels!.length, part.n);
      } else {
        assert.equal(part.values!.length, part.n * sizes.outputs);
        assert.ok(part.values!.every((value) => (dataset.range === 'signs' ? Math.abs(value) === 1 : Number.isFinite(value))));
      }
    }
    assert.deepEqual(dataset.generate!(rng(1, 'data'), options), data);
    assert.notDeepEqual(dataset.generate!(rng(2, 'data'), options), data);
  });
  test(`${name}: no held-out sample is a training sample`, () => {
    const { train, heldOut } = dataset.generate!(rng(3, 'data'), small(name));
    const rows = ({ inputs, inputSize, n }: Data) =>
      Array.from({ length: n }, (_, i) => inputs.slice(i * inputSize, (i + 1) * inputSize).join());
    const seen = new Set(rows(train));
    assert.deepEqual(
      rows(heldOut).filter((row) => seen.has(row)),
      [],
    );
  });
  if (dataset.targets === 'labels')
    test(`${name}: can be learned: the nearest training sample is right far more often than chance`, () => {
      const chance = 1 / dataset.sizes(small(name))!.outputs;
      const share = nearestSample(dataset.generate!(rng(1, 'data'), small(name)));
      assert.ok(share > Math.min(2 * chance, 0.9), `${share} against ${chance}`);
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

test('CIFAR-10 in shades of grey: one channel, standardized after mixing the colours', () => {
  const record = (label: number, [red, green, blue]: readonly [number, number, number]) =>
    Uint8Array.from({ length: 3073 }, (_, at) => (at === 0 ? label : at <= 1024 ? red : at <= 2048 ? green : blue));
  const batch = Uint8Array.from([...record(3, [255, 0, 0]), ...record(4, [0, 255, 51])]);
  const { wanted, parse } = datasets.cifar10.files!;
  const options = { ...defaults('dataset', 'cifar10'), grey: true };
  const files = new Map(wanted(options).map((name) => [name, batch]));
  const { train, heldOut } = parse(files, options);
  assert.deepEqual([train.inputSize, train.imageShape, train.inputs.length], [1024, [32, 32, 1], 10 * 1024]);
  assert.deepEqual(Array.from(heldOut.labels!), [3, 4]);
  // two equally frequent values are -1 and 1 deviation from their mean, the brighter one above: 0.299 against 0.587 + 0.114/5
  for (const p of [0, 500, 1023]) {
    assert.ok(Math.abs(train.inputs[p]! + 1) < 1e-5, String(train.inputs[p]));
    assert.ok(Math.abs(train.inputs[1024 + p]! - 1) < 1e-5);
  }
});
