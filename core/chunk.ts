/**
 * @file The chunk: rows of one metric of one run as bytes. Encoded once by the worker, stored as it is, decoded once by the chart.
 *
 * Layout, little-endian:
 *
 *     offset  size    field
 *     0       4       magic "PLC1"
 *     4       2       flags (0)
 *     6       2       length N of the metric name in bytes
 *     8       4       seq, counts up from 0 within (run, metric)
 *     12      4       rows R
 *     16      4       width W (values per row: 1, layers, eigenvalues, …)
 *     20      4       attempt
 *     24      4       CRC-32 of everything after this field, the name first
 *     28      N       metric name, UTF-8; padded with zeros to a multiple of 8 from offset 0
 *     …       8 R     steps, float64, non-decreasing
 *     …       4 R W   values, float32 [R][W]
 */
import { crc32 } from './crc32.ts';

export interface Chunk {
  readonly metric: string;
  readonly seq: number;
  readonly attempt: number;
  readonly width: number;
  readonly steps: Float64Array; // [R]
  readonly values: Float32Array; // [R, W]
}

export const chunkLimits = { maxBytes: 4 * 1024 * 1024, maxRows: 65_536, maxWidth: 65_536, maxName: 64 } as const;

const magic = 0x31434c50; // "PLC1"
const headerBytes = 28;
const namePattern = /^[a-z][a-zA-Z0-9.]*$/;
const bodyOffset = (nameBytes: number) => Math.ceil((headerBytes + nameBytes) / 8) * 8;

export function encodeChunk({ metric, seq, attempt, width, steps, values }: Chunk): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(metric);
  if (!namePattern.test(metric) || name.length > chunkLimits.maxName)
    throw new RangeError(`chunk: metric must match ${namePattern.source}, got ${JSON.stringify(metric)}`);
  const rows = steps.length;
  if (values.length !== rows * width) throw new RangeError(`chunk: values must be ${rows} rows of ${width}, got ${values.length} values`);
  const start = bodyOffset(name.length);
  const bytes = new Uint8Array(start + 8 * rows + 4 * rows * width);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint16(6, name.length, true);
  view.setUint32(8, seq, true);
  view.setUint32(12, rows, true);
  view.setUint32(16, width, true);
  view.setUint32(20, attempt, true);
  bytes.set(name, headerBytes);
  new Float64Array(bytes.buffer, start, rows).set(steps); // every machine we run on is little-endian (checked in the test)
  new Float32Array(bytes.buffer, start + 8 * rows, rows * width).set(values);
  view.setUint32(24, crc32(bytes.subarray(headerBytes)), true);
  return bytes;
}

/** The header alone, checked against the length of the bytes; enough to store a chunk. Throws RangeError: what, got, allowed. */
export function readHeader(bytes: Uint8Array): {
  metric: string;
  seq: number;
  attempt: number;
  rows: number;
  width: number;
  start: number;
  firstStep: number;
  lastStep: number;
} {
  const fail = (what: string): never => {
    throw new RangeError(`chunk: ${what}`);
  };
  if (bytes.length > chunkLimits.maxBytes) fail(`at most ${chunkLimits.maxBytes} bytes, got ${bytes.length}`);
  if (bytes.length < headerBytes) fail(`at least ${headerBytes} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) fail('the magic "PLC1" is missing');
  if (view.getUint16(4, true) !== 0) fail(`unknown flags ${view.getUint16(4, true)}, allowed: 0`);
  const nameBytes = view.getUint16(6, true);
  if (nameBytes > chunkLimits.maxName) fail(`metric name of at most ${chunkLimits.maxName} bytes, got ${nameBytes}`);
  const [seq, rows, width, attempt] = [8, 12, 16, 20].map((at) => view.getUint32(at, true)) as [number, number, number, number];
  if (rows < 1 || rows > chunkLimits.maxRows) fail(`rows from 1 to ${chunkLimits.maxRows}, got ${rows}`);
  if (width < 1 || width > chunkLimits.maxWidth) fail(`width from 1 to ${chunkLimits.maxWidth}, got ${width}`);
  const start = bodyOffset(nameBytes);
  const length = start + 8 * rows + 4 * rows * width;
  if (bytes.length !== length) fail(`${rows} rows of ${width} take ${length} bytes, got ${bytes.length}`);
  const metric = new TextDecoder().decode(bytes.subarray(headerBytes, headerBytes + nameBytes));
  if (!namePattern.test(metric)) fail(`metric must match ${namePattern.source}, got ${JSON.stringify(metric)}`);
  if (crc32(bytes.subarray(headerBytes)) !== view.getUint32(24, true))
    fail('the checksum does not match: the bytes were changed on the way');
  let previous = -Infinity;
  for (let row = 0; row < rows; row++) {
    const step = view.getFloat64(start + 8 * row, true);
    if (!(step >= Math.max(previous, 0) && step <= Number.MAX_SAFE_INTEGER))
      fail(`steps must be finite, at least 0 and non-decreasing, got ${step} in row ${row}`);
    previous = step;
  }
  return { metric, seq, attempt, rows, width, start, firstStep: view.getFloat64(start, true), lastStep: previous };
}

export function decodeChunk(bytes: Uint8Array): Chunk {
  const { metric, seq, attempt, rows, width, start } = readHeader(bytes);
  const body = new Uint8Array(bytes.subarray(start)).buffer; // a copy, aligned whatever the offset was (slice of a Node Buffer would be a view)
  return { metric, seq, attempt, width, steps: new Float64Array(body, 0, rows), values: new Float32Array(body, 8 * rows, rows * width) };
}
