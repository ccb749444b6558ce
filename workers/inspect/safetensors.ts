/** @file The safetensors format: eight bytes of header length, a JSON header, the tensors' bytes. */
import { sizeOf } from '#core/graph/node.ts';
import { brainToNumber, halfToNumber } from './half.ts';
import { valueBudget, type Tensor } from './tensors.ts';

type Read = (data: DataView, at: number) => number;
const numbers: Readonly<Record<string, readonly [width: number, read: Read]>> = {
  F64: [8, (data, at) => data.getFloat64(at, true)],
  F32: [4, (data, at) => data.getFloat32(at, true)],
  F16: [2, (data, at) => halfToNumber(data.getUint16(at, true))],
  BF16: [2, (data, at) => brainToNumber(data.getUint16(at, true))],
  I64: [8, (data, at) => Number(data.getBigInt64(at, true))],
  I32: [4, (data, at) => data.getInt32(at, true)],
  I16: [2, (data, at) => data.getInt16(at, true)],
  I8: [1, (data, at) => data.getInt8(at)],
  U64: [8, (data, at) => Number(data.getBigUint64(at, true))],
  U32: [4, (data, at) => data.getUint32(at, true)],
  U16: [2, (data, at) => data.getUint16(at, true)],
  U8: [1, (data, at) => data.getUint8(at)],
  BOOL: [1, (data, at) => data.getUint8(at)],
};
const maxHeader = 16 * 1024 * 1024;

/** Tensors in the order of their bytes. @throws RangeError or SyntaxError for a header that lies */
export function readSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new RangeError(`neither .npz, .npy nor safetensors: ${bytes.length} bytes`);
  const length = Number(data.getBigUint64(0, true));
  if (length > maxHeader || 8 + length > bytes.length)
    throw new RangeError(`neither .npz, .npy nor safetensors: a header of ${length} bytes in a file of ${bytes.length}`);
  const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))) as unknown;
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new RangeError('the header must be a JSON object');
  const from = 8 + length;
  const found = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => ({ name, ...described(name, value, bytes.length - from) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const take = valueBudget();
  let next = 0;
  for (const { name, shape, begin, end } of found) {
    if (begin < next) throw new RangeError(`${name} begins at ${begin}, inside the tensor before it`);
    // what no tensor claims is forbidden; a name that stands twice in the header, of which JSON keeps the last, leaves such bytes
    if (begin > next) throw new RangeError(`bytes ${next} to ${begin} belong to no tensor, ${name} must begin at ${next}`);
    next = end;
    take(sizeOf(shape));
  }
  if (next !== bytes.length - from) throw new RangeError(`bytes ${next} to ${bytes.length - from} belong to no tensor`);
  return new Map(
    found.map(({ name, shape, begin, type: [width, read] }) => [
      name,
      { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => read(data, from + begin + i * width)) },
    ]),
  );
}

function described(name: string, value: unknown, available: number) {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const type = typeof dtype === 'string' && Object.hasOwn(numbers, dtype) ? numbers[dtype] : undefined;
  if (!type) throw new RangeError(`${name}: dtype must be one of ${Object.keys(numbers).join(', ')}, got ${String(dtype)}`);
  if (!wholes(shape) || shape.length > 16) throw new RangeError(`${name}: shape must be a list of integers, got ${JSON.stringify(shape)}`);
  if (!wholes(offsets) || offsets.length !== 2)
    throw new RangeError(`${name}: data_offsets must be [begin, end], got ${JSON.stringify(offsets)}`);
  const [begin, end] = offsets as [number, number];
  if (!(begin <= end && end <= available))
    throw new RangeError(`${name}: data_offsets must lie in 0 to ${available}, got [${begin}, ${end}]`);
  if (end - begin !== sizeOf(shape) * type[0])
    throw new RangeError(`${name}: [${shape}] of ${String(dtype)} takes ${sizeOf(shape) * type[0]} bytes, got ${end - begin}`);
  return { shape, begin, end, type };
}

const wholes = (value: unknown): value is number[] => Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
