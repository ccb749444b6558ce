/** @file Colour images in the CIFAR-10 binary format, from a folder or address of the user's. */
import type { Data, Dataset } from '../define.ts';
import { fileFields, refuse } from './files.ts';
import { standardize } from './standardized.ts';

const side = 32;
const recordBytes = 1 + 3 * side * side;
const trainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
const testFile = 'test_batch.bin';

/** Records of one label byte and 3,072 pixel bytes, planes red, green, blue; becomes rows [height, width, channel]. */
export function parseCifar(name: string, bytes: Uint8Array, limit: number): { labels: Int32Array; inputs: Float32Array } {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0)
    refuse(name, `whole records of ${recordBytes} bytes are needed, got ${bytes.length} bytes`);
  const n = Math.min(bytes.length / recordBytes, limit);
  const labels = Int32Array.from({ length: n }, (_, i) => bytes[i * recordBytes]!);
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) refuse(name, `labels are 0 to 9, record ${wrong} has ${labels[wrong]}`);
  const inputs = new Float32Array(n * 3 * side * side);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < side * side; p++)
      for (let c = 0; c < 3; c++) inputs[(i * side * side + p) * 3 + c] = bytes[i * recordBytes + 1 + c * side * side + p]! / 255;
  return { labels, inputs };
}

function join(parts: { labels: Int32Array; inputs: Float32Array }[]): Data {
  const n = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const [labels, inputs] = [new Int32Array(n), new Float32Array(n * 3 * side * side)];
  let at = 0;
  for (const part of parts) {
    labels.set(part.labels, at);
    inputs.set(part.inputs, at * 3 * side * side);
    at += part.labels.length;
  }
  return { labels, inputs, n, inputSize: 3 * side * side, outputSize: 10, imageShape: [side, side, 3] };
}

/** The luma of ITU-R BT.601. */
const inGrey = (data: Data): Data => ({
  ...data,
  inputs: Float32Array.from({ length: data.n * side * side }, (_, at) =>
    [0.299, 0.587, 0.114].reduce((sum, share, c) => sum + share * data.inputs[3 * at + c]!, 0),
  ),
  inputSize: side * side,
  imageShape: [side, side, 1],
});

export const cifar10: Dataset = {
  card: {
    name: 'cifar10',
    title: 'CIFAR-10 files',
    formula: 'x \\in [0, 1]^{32 \\times 32 \\times 3},\\ \\text{standardized}',
    about: 'The six files of the binary version, from a folder or address of yours. Checksums go into the run’s log.',
    source: 'Krizhevsky 2009',
  },
  fields: {
    ...fileFields,
    grey: { type: 'boolean', title: 'Shades of grey', default: false, about: '1,024 inputs: 0.299 red + 0.587 green + 0.114 blue.' },
  },
  targets: 'labels',
  sizes: () => null,
  files: {
    wanted: () => [...trainFiles, testFile],
    parse(files, options) {
      let left = options.limit as number;
      const parts = trainFiles.map((name) => {
        const part = parseCifar(name, files.get(name)!, left);
        left -= part.labels.length;
        return part;
      });
      const sets = { train: join(parts), heldOut: join([parseCifar(testFile, files.get(testFile)!, Infinity)]) };
      return standardize(options.grey ? { train: inGrey(sets.train), heldOut: inGrey(sets.heldOut) } : sets);
    },
  },
};
