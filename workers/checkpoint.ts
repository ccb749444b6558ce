/**
 * @file A checkpoint: all that a run needs to go on as if it had never stopped, as bytes.
 *
 * Layout, little-endian: magic "PLK1", CRC-32 of all that follows, length N of the header (uint32), header (JSON, UTF-8: spec hash, step,
 * tensors), zeros to a multiple of 8 from offset 0, then the tensors one behind the other, each padded to a multiple of 8.
 */
import { crc32 } from '#core/crc32.ts';
import type { Values } from '#core/graph/node.ts';

export interface Checkpoint {
  /** Hash of the run's spec; a checkpoint of another is refused. */
  readonly spec: string;
  /** The state is that before update `step`. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, Values>>;
}

const magic = 0x314b4c50; // "PLK1"
const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
type Kind = keyof typeof arrays;
interface Header {
  readonly spec: string;
  readonly step: number;
  readonly tensors: readonly { readonly name: string; readonly dtype: Kind; readonly length: number }[];
}

const aligned = (n: number): number => Math.ceil(n / 8) * 8;
const kindOf = (values: Values): Kind => (values instanceof Int32Array ? 'int32' : values instanceof Float32Array ? 'float32' : 'float64');

export function encodeCheckpoint({ spec, step, tensors }: Checkpoint): Uint8Array {
  const entries = Object.entries(tensors);
  const header: Header = { spec, step, tensors: entries.map(([name, values]) => ({ name, dtype: kindOf(values), length: values.length })) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = aligned(12 + text.length);
  const bytes = new Uint8Array(start + entries.reduce((sum, [, values]) => sum + aligned(values.byteLength), 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(8, text.length, true);
  bytes.set(text, 12);
  let offset = start;
  for (const [, values] of entries) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += aligned(values.byteLength);
  }
  view.setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

/** @throws RangeError where the bytes are no checkpoint, were cut or changed, or belong to another spec */
export function decodeCheckpoint(bytes: Uint8Array, spec: string): Checkpoint {
  const fail = (what: string): never => {
    throw new RangeError(`checkpoint: ${what}`);
  };
  if (bytes.length < 12) fail(`at least 12 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) fail('the magic "PLK1" is missing: no checkpoint, or one of another version');
  if (crc32(bytes.subarray(8)) !== view.getUint32(4, true)) fail('the checksum does not match: the bytes were cut or changed');
  const textLength = view.getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + textLength))) as Header;
  if (header.spec !== spec) fail(`it belongs to the spec ${header.spec}, this run's is ${spec}`);
  let offset = aligned(12 + textLength);
  const tensors = header.tensors.map(({ name, dtype, length }) => {
    const size = length * arrays[dtype].BYTES_PER_ELEMENT;
    const body = bytes.slice(offset, offset + size); // a copy, aligned whatever the offset was
    offset += aligned(size);
    return [name, new arrays[dtype](new Uint8Array(body).buffer)] as const;
  });
  return { spec, step: header.step, tensors: Object.fromEntries(tensors) };
}
