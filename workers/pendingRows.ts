/** @file Rows of one metric that wait in memory to become chunks: flat buffers that grow and are used again. */
import { chunkLimits, encodeChunk } from '#core/chunk.ts';

const firstRows = 16;
const keptBytes = 1024 * 1024;

export interface PendingRows {
  readonly width: number;
  readonly count: number;
  readonly bytes: number;
  readonly lastStep: number;
  push(step: number, row: ArrayLike<number>): void;
  /** Keeps every second row. */
  thin(): void;
  clear(): void;
  /** How many chunks `chunks` will make. */
  readonly chunkCount: number;
  chunks(head: { metric: string; seq: number; attempt: number }): Uint8Array[];
}

export function pendingRows(width: number): PendingRows {
  let steps = new Float64Array(firstRows); // [R]
  let values = new Float32Array(firstRows * width); // [R, W]
  let count = 0;
  // a chunk of one mebibyte at most, so that a batch of the protocol always has room for it
  const rowsPerChunk = Math.max(1, Math.min(chunkLimits.maxRows, Math.floor((1024 * 1024) / (8 + 4 * width))));
  return {
    width,
    get count() {
      return count;
    },
    get bytes() {
      return count * (8 + 4 * width);
    },
    get lastStep() {
      return count === 0 ? 0 : steps[count - 1]!;
    },
    get chunkCount() {
      return Math.ceil(count / rowsPerChunk);
    },
    push(step, row) {
      if (count === steps.length) {
        const moreSteps = new Float64Array(2 * count);
        const moreValues = new Float32Array(2 * count * width);
        moreSteps.set(steps);
        moreValues.set(values);
        [steps, values] = [moreSteps, moreValues];
      }
      steps[count] = step;
      values.set(row, count * width);
      count++;
    },
    thin() {
      const kept = Math.ceil(count / 2);
      for (let i = 1; i < kept; i++) {
        steps[i] = steps[2 * i]!;
        values.copyWithin(i * width, 2 * i * width, (2 * i + 1) * width);
      }
      count = kept;
    },
    clear() {
      count = 0;
      if (steps.byteLength + values.byteLength > keptBytes)
        [steps, values] = [new Float64Array(firstRows), new Float32Array(firstRows * width)];
    },
    chunks({ metric, seq, attempt }) {
      const chunks: Uint8Array[] = [];
      for (let start = 0; start < count; start += rowsPerChunk) {
        const end = Math.min(count, start + rowsPerChunk);
        const part = { steps: steps.slice(start, end), values: values.slice(start * width, end * width) };
        chunks.push(encodeChunk({ metric, seq: seq + chunks.length, attempt, width, ...part }));
      }
      return chunks;
    },
  };
}
