/** @file Files of arrays: every type and order as NumPy and safetensors write them, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '#core/crc32.ts';
import { filesUnder, parseArrays } from './files.ts';
import { halfToNumber } from './half.ts';

function npy(dtype: string, shape: readonly number[], body: Uint8Array, fortran = false): Buffer {
  const header = `{'descr': '${dtype}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header), body]);
}

/** A zip of one directory, entries stored or deflated. */
function zip(entries: Readonly<Record<string, Uint8Array>>, { deflate = false, crcOff = 0 } = {}): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, body] of Object.entries(entries)) {
    const packed = deflate ? deflateRawSync(body) : body;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(deflate ? 8 : 0, 4);
    common.writeUInt32LE((crc32(body) + crcOff) >>> 0, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const all = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(all.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, all, end]);
}

const bytes = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const six = [0.5, -1.25, 3, 4, -5, 6];

test('.npy: floats, integers, both byte orders, Fortran order, scalars', () => {
  const read = (buffer: Buffer) => parseArrays(buffer).get('array')!;
  assert.deepEqual(read(npy('<f8', [2, 3], bytes(Float64Array.from(six)))), { shape: [2, 3], data: Float64Array.from(six) });
  assert.deepEqual([...read(npy('<f4', [6], bytes(Float32Array.from(six)))).data], six);
  assert.deepEqual([...read(npy('>f8', [6], bytes(Float64Array.from(six)).swap64())).data], six);
  assert.deepEqual([...read(npy('<i8', [2], bytes(BigInt64Array.of(-3n, 7n)))).data], [-3, 7]);
  assert.deepEqual([...read(npy('|u1', [3], Uint8Array.of(0, 1, 255))).data], [0, 1, 255]);
  assert.deepEqual([...read(npy('<f2', [3], bytes(Uint16Array.of(0x3c00, 0xc100, 0x0001)))).data], [1, -2.5, 2 ** -24]);
  assert.deepEqual(read(npy('<f8', [], bytes(Float64Array.of(2.5)))), { shape: [], data: Float64Array.of(2.5) });
  // [[1, 2, 3], [4, 5, 6]] with the columns one after another
  assert.deepEqual([...read(npy('<f8', [2, 3], bytes(Float64Array.of(1, 4, 2, 5, 3, 6)), true)).data], [1, 2, 3, 4, 5, 6]);
});

test('.npz: stored and deflated entries', () => {
  const entries = { 'w.npy': npy('<f8', [6], bytes(Float64Array.from(six))), 'b.npy': npy('<f4', [1], bytes(Float32Array.of(2))) };
  for (const deflate of [false, true]) {
    const arrays = parseArrays(zip(entries, { deflate }));
    assert.deepEqual([...arrays.keys()], ['w', 'b']);
    assert.deepEqual([...arrays.get('w')!.data], six);
  }
});

function safetensors(header: unknown, body: Uint8Array): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, body]);
}

test('safetensors: every float type, in the order of the bytes', () => {
  const body = Buffer.concat([
    bytes(Float32Array.of(1, -2)),
    bytes(Uint16Array.of(0x3f80, 0xc020)),
    bytes(Float64Array.of(0.1)),
    bytes(Uint16Array.of(0x3c00)),
  ]);
  const header = {
    __metadata__: { format: 'pt' },
    late: { dtype: 'F64', shape: [1], data_offsets: [12, 20] },
    half: { dtype: 'F16', shape: [], data_offsets: [20, 22] },
    first: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
    brain: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
  };
  const arrays = parseArrays(safetensors(header, body));
  assert.deepEqual(
    [...arrays].map(([name, { data }]) => [name, ...data]),
    [
      ['first', 1, -2],
      ['brain', 1, -2.5],
      ['late', 0.1],
      ['half', 1],
    ],
  );
});

test('half floats: all 65,536 against the definition by powers of two', () => {
  for (let bits = 0; bits < 65_536; bits++) {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size =
      exponent === 31 ? (fraction ? NaN : Infinity) : exponent === 0 ? fraction / 2 ** 24 : (1024 + fraction) * 2 ** (exponent - 25);
    assert.ok(Object.is(halfToNumber(bits), bits >= 32_768 ? -size : size) || Number.isNaN(size));
  }
});

test('files that are cut off, damaged or lie about themselves are refused in a sentence', () => {
  const array = npy('<f8', [6], bytes(Float64Array.from(six)));
  const good = zip({ 'w.npy': array });
  const refusals: [Buffer, RegExp][] = [
    [Buffer.alloc(0), /neither \.npz, \.npy nor safetensors/],
    [Buffer.from('hello, world, this is text'), /neither/],
    [array.subarray(0, array.length - 1), /takes 48 bytes, got 47/],
    [array.subarray(0, 40), /header is cut off/],
    [npy('<f8', [1e9, 1e9], Buffer.alloc(8)), /too large|takes/],
    [npy('|O', [1], Buffer.alloc(8)), /dtype must be/],
    [npy('<U3', [1], Buffer.alloc(12)), /dtype must be/],
    [good.subarray(0, good.length - 5), /directory is missing/],
    [zip({ 'w.npy': array }, { crcOff: 1 }), /checksum/],
    [zip({ 'readme.txt': Buffer.from('hi') }), /holds no \.npy arrays/],
    [zip({ 'w.npy': array.subarray(0, 60) }), /w\.npy: /],
    [safetensors({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, Buffer.alloc(4)), /must lie in 0 to 4/],
    [safetensors({ w: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, Buffer.alloc(8)), /takes 12 bytes, got 8/],
    [safetensors({ w: { dtype: 'F8', shape: [3], data_offsets: [0, 3] } }, Buffer.alloc(8)), /dtype must be one of/],
    [
      safetensors(
        { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] }, b: { dtype: 'F32', shape: [1], data_offsets: [2, 6] } },
        Buffer.alloc(8),
      ),
      /inside the tensor before/,
    ],
    [safetensors({ w: 7 }, Buffer.alloc(8)), /dtype must be/],
    [safetensors('[1]', Buffer.alloc(8)), /JSON object/],
    [safetensors('{"w":', Buffer.alloc(8)), /JSON/],
    [Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 1]), /a header of/],
  ];
  for (const [buffer, message] of refusals) assert.throws(() => parseArrays(buffer), message);
  for (let cut = 0; cut < good.length; cut += 7) assert.throws(() => parseArrays(good.subarray(0, cut)), Error);
  const random = [...good.keys()].filter((i) => i % 11 === 0);
  for (const at of random) {
    const broken = Buffer.from(good);
    broken[at]! ^= 0xff;
    try {
      parseArrays(broken); // some bytes mean nothing; none may hang or crash the process
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});

test('what has no end is no file', () => {
  assert.throws(() => filesUnder('/dev').read('zero', 'params.file'), /params\.file: zero cannot be read: it is no file/);
});
