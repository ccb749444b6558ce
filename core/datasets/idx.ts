/** @file Images and labels in the IDX format of MNIST and its kin, from a folder or address of the user's. */
import type { Data, Dataset } from '../define.ts';
import { fileFields, refuse } from './files.ts';
import { standardize } from './standardized.ts';

/** Reads an IDX file of unsigned bytes: magic 0, 0, 8, rank; sizes as big-endian uint32; values. */
export function parseIdx(name: string, bytes: Uint8Array, rank: number): { shape: number[]; values: Uint8Array } {
  const start = 4 + 4 * rank;
  if (bytes.length < start) refuse(name, `an IDX file of rank ${rank} has at least ${start} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x800 + rank) refuse(name, `the magic number of IDX bytes of rank ${rank} is ${0x800 + rank}, got ${magic}`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== start + size) refuse(name, `sizes ${shape.join(' x ')} take ${start + size} bytes, got ${bytes.length}`);
  return { shape, values: bytes.subarray(start) };
}

const names = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

function part(files: ReadonlyMap<string, Uint8Array>, images: string, labels: string, limit: number): Data {
  const pixels = parseIdx(images, files.get(images)!, 3);
  const classes = parseIdx(labels, files.get(labels)!, 1);
  const [count, height, width] = pixels.shape as [number, number, number];
  if (count !== classes.shape[0]) refuse(labels, `${images} holds ${count} images, the labels are ${classes.shape[0]}`);
  if (count === 0) refuse(images, 'holds no image');
  const n = Math.min(count, limit);
  const inputSize = height * width;
  const wanted = Int32Array.from(classes.values.subarray(0, n));
  return {
    inputs: Float32Array.from(pixels.values.subarray(0, n * inputSize), (value) => value / 255),
    labels: wanted,
    n,
    inputSize,
    outputSize: 1 + wanted.reduce((most, y) => Math.max(most, y), 0),
    imageShape: [height, width, 1],
  };
}

export const idx: Dataset = {
  card: {
    name: 'idx',
    title: 'IDX files',
    formula: 'x \\in [0, 1]^{h \\times w},\\ \\text{standardized}',
    about:
      'MNIST, Fashion-MNIST and whatever else comes as four IDX files (plain or .gz), from a folder or address of yours. Checksums go into the run’s log.',
    source: 'LeCun, Cortes and Burges 1998',
  },
  fields: fileFields,
  targets: 'labels',
  sizes: () => null,
  files: {
    wanted: () => Object.values(names),
    parse(files, options) {
      const train = part(files, names.trainImages, names.trainLabels, options.limit as number);
      const heldOut = part(files, names.testImages, names.testLabels, Infinity);
      if (train.inputSize !== heldOut.inputSize)
        refuse(names.testImages, `images of ${heldOut.inputSize} pixels, but those of ${names.trainImages} have ${train.inputSize}`);
      const outputSize = Math.max(train.outputSize, heldOut.outputSize);
      return standardize({ train: { ...train, outputSize }, heldOut: { ...heldOut, outputSize } });
    },
  },
};
