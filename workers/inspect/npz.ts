/** @file NumPy's .npy arrays and .npz archives: a zip whose entries are arrays, stored or deflated. */
import { inflateRawSync } from 'node:zlib';
import { crc32 } from '#core/crc32.ts';
import { sizeOf } from '#core/graph/node.ts';
import { halfToNumber } from './half.ts';
import { valueBudget, type Tensor } from './tensors.ts';

/** Bytes of all arrays of an archive once inflated, at most. */
const maxInflated = 1 << 30;

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Source of the zip records: PKWARE APPNOTE, sections 4.3.7, 4.3.12, 4.3.16 and 4.5.3. */
export function readNpz(bytes: Uint8Array): Map<string, Tensor> {
  const data = view(bytes);
  const arrays = new Map<string, Tensor>();
  const take = valueBudget();
  const { entries, offset } = directoryEnd(data);
  let [at, left] = [offset, maxInflated];
  for (let i = 0; i < entries; i++) {
    need(data, at, 46, 'the zip directory');
    if (data.getUint32(at, true) !== 0x02014b50) throw new RangeError(`the zip directory is broken at byte ${at}`);
    const [flags, method, crc] = [data.getUint16(at + 8, true), data.getUint16(at + 10, true), data.getUint32(at + 16, true)];
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => data.getUint16(at + field, true)) as [number, number, number];
    need(data, at, 46 + nameBytes + extraBytes + commentBytes, 'the zip directory');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    const sizes = zip64(data, at, nameBytes, extraBytes);
    if (flags & 1) throw new RangeError(`${name} is encrypted`);
    if (sizes.whole > left) throw new RangeError(`${name} inflates to ${sizes.whole} bytes; the archive may have ${maxInflated}`);
    left -= sizes.whole;
    const raw = inflate(local(bytes, data, sizes.offset, sizes.packed, name), method, sizes.whole, name);
    if (crc32(raw) !== crc) throw new RangeError(`${name} is damaged: its checksum does not fit`);
    if (name.endsWith('.npy')) {
      if (arrays.has(name.slice(0, -4))) throw new RangeError(`${name} stands twice`);
      arrays.set(
        name.slice(0, -4),
        named(name, () => readNpy(raw, take)),
      );
    }
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  if (arrays.size === 0) throw new RangeError('the archive holds no .npy arrays');
  return arrays;
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RangeError(`${name}: ${(error as Error).message}`);
  }
}

function need(data: DataView, at: number, bytes: number, what: string): void {
  if (at < 0 || at + bytes > data.byteLength)
    throw new RangeError(`${what} is cut off: needs byte ${at + bytes}, there are ${data.byteLength}`);
}

function directoryEnd(data: DataView): { entries: number; offset: number } {
  const lowest = Math.max(0, data.byteLength - 22 - 0xffff); // the record is the last one, a comment of 64 KiB may follow
  for (let at = data.byteLength - 22; at >= lowest; at--) {
    if (data.getUint32(at, true) !== 0x06054b50) continue;
    const [entries, offset] = [data.getUint16(at + 10, true), data.getUint32(at + 16, true)];
    if (entries !== 0xffff && offset !== 0xffffffff) return { entries, offset };
    need(data, at - 20, 20, 'the zip64 locator');
    const record = Number(data.getBigUint64(at - 20 + 8, true));
    need(data, record, 56, 'the zip64 directory');
    return { entries: Number(data.getBigUint64(record + 32, true)), offset: Number(data.getBigUint64(record + 48, true)) };
  }
  throw new RangeError('the zip directory is missing: the file is cut off or no zip');
}

/** Sizes and place of an entry; NumPy writes zip64 fields where they would not be needed. */
function zip64(data: DataView, at: number, nameBytes: number, extraBytes: number) {
  const of = { packed: data.getUint32(at + 20, true), whole: data.getUint32(at + 24, true), offset: data.getUint32(at + 42, true) };
  const end = at + 46 + nameBytes + extraBytes;
  for (let field = at + 46 + nameBytes; field + 4 <= end;) {
    const [id, size] = [data.getUint16(field, true), data.getUint16(field + 2, true)];
    if (id === 1) {
      let place = field + 4;
      for (const key of ['whole', 'packed', 'offset'] as const) {
        if (of[key] !== 0xffffffff) continue;
        if (place + 8 > Math.min(field + 4 + size, end)) throw new RangeError('a zip64 field is cut off');
        of[key] = Number(data.getBigUint64(place, true));
        place += 8;
      }
    }
    field += 4 + size;
  }
  return of;
}

function local(bytes: Uint8Array, data: DataView, at: number, packed: number, name: string): Uint8Array {
  need(data, at, 30, name);
  if (data.getUint32(at, true) !== 0x04034b50) throw new RangeError(`${name} does not begin where the directory says`);
  const start = at + 30 + data.getUint16(at + 26, true) + data.getUint16(at + 28, true);
  need(data, start, packed, name);
  return bytes.subarray(start, start + packed);
}

function inflate(packed: Uint8Array, method: number, whole: number, name: string): Uint8Array {
  if (method !== 0 && method !== 8) throw new RangeError(`${name} is packed by method ${method}; stored (0) and deflated (8) can be read`);
  const raw = method === 0 ? packed : new Uint8Array(inflateRawSync(packed, { maxOutputLength: Math.max(whole, 1) }));
  if (raw.length !== whole) throw new RangeError(`${name} has ${raw.length} bytes, the directory says ${whole}`);
  return raw;
}

type Read = (data: DataView, at: number, little: boolean) => number;
/** By kind and size of NumPy's dtype. */
const numbers: Readonly<Record<string, Read>> = {
  f2: (data, at, little) => halfToNumber(data.getUint16(at, little)),
  f4: (data, at, little) => data.getFloat32(at, little),
  f8: (data, at, little) => data.getFloat64(at, little),
  i1: (data, at) => data.getInt8(at),
  i2: (data, at, little) => data.getInt16(at, little),
  i4: (data, at, little) => data.getInt32(at, little),
  i8: (data, at, little) => Number(data.getBigInt64(at, little)),
  u1: (data, at) => data.getUint8(at),
  u2: (data, at, little) => data.getUint16(at, little),
  u4: (data, at, little) => data.getUint32(at, little),
  u8: (data, at, little) => Number(data.getBigUint64(at, little)),
  b1: (data, at) => data.getUint8(at),
};

/** More axes than NumPy has. */
const maxAxes = 64;

/**
 * Source: NumPy enhancement proposal 1.
 *
 * @param take is told how many values are about to be made
 */
export function readNpy(bytes: Uint8Array, take = valueBudget()): Tensor {
  const data = view(bytes);
  need(data, 0, 12, 'the array');
  if (data.getUint32(0) !== 0x934e554d || data.getUint16(4) !== 0x5059)
    throw new RangeError('not an .npy array: it must begin with \\x93NUMPY');
  const version = data.getUint8(6);
  if (version < 1 || version > 3) throw new RangeError(`the version must be 1, 2 or 3, got ${version}`);
  const wide = version >= 2;
  const start = wide ? 12 : 10;
  const headerBytes = wide ? data.getUint32(8, true) : data.getUint16(8, true);
  if (headerBytes > 65_536) throw new RangeError(`the header may have 65536 bytes, got ${headerBytes}`);
  need(data, start, headerBytes, 'the header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + headerBytes));
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape':\s*\(((?:\s*\d+L?\s*,)*(?:\s*\d+L?)?\s*)\)/.exec(header)?.[1];
  if (dtype === undefined || fortran === undefined || sizes === undefined)
    throw new RangeError(`the header must hold descr, fortran_order and shape, got ${header.trim().slice(0, 80)}`);
  const read = Object.hasOwn(numbers, dtype.slice(1)) ? numbers[dtype.slice(1)] : undefined;
  if (!read || !'<>|='.includes(dtype[0]!))
    throw new RangeError(`dtype must be a float, an integer or bool of up to 8 bytes, got ${dtype}`);
  const shape = sizes
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => parseInt(part, 10));
  if (shape.length > maxAxes) throw new RangeError(`the shape may have ${maxAxes} axes, got ${shape.length}`);
  const size = sizeOf(shape);
  const width = Number(dtype.slice(2));
  if (!Number.isSafeInteger(size * width)) throw new RangeError(`the shape [${shape}] is too large`);
  const from = start + headerBytes;
  if (from + size * width !== bytes.length)
    throw new RangeError(`[${shape}] of ${dtype} takes ${size * width} bytes, got ${bytes.length - from}`);
  take(size);
  const values = Float64Array.from({ length: size }, (_, i) => read(data, from + i * width, dtype[0] !== '>'));
  return { shape, data: fortran === 'True' ? rowMajor(values, shape) : values };
}

/** Values whose first index runs fastest, put so that the last one does. */
function rowMajor(values: Float64Array, shape: readonly number[]): Float64Array {
  const strides: number[] = [];
  shape.reduce((stride, n) => (strides.push(stride), stride * n), 1);
  return Float64Array.from(values, (_, i) => {
    let [rest, from] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return values[from]!;
  });
}
