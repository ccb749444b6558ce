/** @file Files of arrays: every type and order as NumPy and safetensors write them, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '#core/crc32.ts';
import { filesUnder, parseArrays } from './files.ts';
import { halfToNumber } from './half.ts';

function npy(dtype: string, shape: readonly number[], body: Uint8Array, fortran = false): Buffer {
  const sizes = `${shape.join(', ')}${shape.length === 1 ? ',' : ''}`;
  return npyOf(`{'descr': '${dtype}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${sizes}), }\n`, body);
}
/** Under a header of any text; `claimed` is the length it says the header has. */
function npyOf(header: string, body: Uint8Array, version = 1, claimed = header.length): Buffer {
  const length = Array.from({ length: version === 1 ? 2 : 4 }, (_, i) => (claimed >>> (8 * i)) & 255);
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0, ...length]), Buffer.from(header), body]);
}

/** A zip of one directory, entries stored or deflated. */
function zip(
  entries: Readonly<Record<string, Uint8Array>> | readonly [string, Uint8Array][],
  { deflate = false, crcOff = 0 } = {},
): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, body] of Array.isArray(entries) ? (entries as [string, Uint8Array][]) : Object.entries(entries)) {
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

test('headers that lie, in every field: each is refused by what is wrong with it', () => {
  const four = bytes(Float64Array.of(1, 2, 3, 4));
  const head = (change: (header: string) => string, body: Uint8Array = four) =>
    npyOf(change("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"), body);
  const shaped = (shape: string, body?: Uint8Array) => head((h) => h.replace('(2, 2)', `(${shape})`), body);
  const typed = (dtype: string) => head((h) => h.replace('<f8', dtype));
  const tensor = (over: object) => safetensors({ w: { dtype: 'F64', shape: [2, 2], data_offsets: [0, 32], ...over } }, four);
  const part = (from: number, to: number) => ({ dtype: 'F64', shape: [(to - from) / 8], data_offsets: [from, to] });
  const past = Buffer.from(safetensors({}, four));
  past.writeBigUInt64LE(1n << 63n);
  const many = (1 << 27) + 1;
  /** With zeros behind that are never touched, and so take no memory. */
  const long = (file: Buffer) => {
    const whole = Buffer.alloc(file.length + many);
    file.copy(whole);
    return whole;
  };
  const table: [Buffer, RegExp][] = [
    [npyOf("{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }", four, 9), /version must be 1, 2 or 3, got 9/],
    [npyOf('{}', four, 1, 60_000), /header is cut off: needs byte 60010/],
    [npyOf('{}', four, 2, 0xffffffff), /header may have 65536 bytes, got 4294967295/],
    [head((h) => h.replace("'shape'", "'form'")), /must hold descr, fortran_order and shape/],
    [head((h) => h.replace('False', '0')), /must hold descr, fortran_order and shape/],
    [head((h) => h.replace("'<f8'", "[('a', '<f8')]")), /must hold descr, fortran_order and shape/],
    ...['-2, -2', '2 2', '2,,2', 'L, 4', '2.0, 2', 'None', '2, 2'.padEnd(40, 'x')].map((s): [Buffer, RegExp] => [
      shaped(s),
      /must hold descr/,
    ]),
    [shaped('9223372036854775807, 2'), /too large/],
    [shaped('9'.repeat(400)), /too large/],
    [shaped('1, '.repeat(65)), /may have 64 axes, got 65/],
    [shaped('2, 3'), /takes 48 bytes, got 32/],
    [shaped('2'), /takes 16 bytes, got 32/],
    ...['<f3', '<f08', '<c16', '|S8', '<M8[D]', '<constructor', '<__proto__', '?f8', ''].map((d): [Buffer, RegExp] => [
      typed(d),
      /dtype must be/,
    ]),
    [shaped(String(many), Buffer.alloc(0)), /takes/],
    [long(npy('|u1', [many], Buffer.alloc(0))), /may hold 134217728 values together/],
    [
      zip([
        ['w.npy', npy('<f8', [4], four)],
        ['w.npy', npy('<f8', [2, 2], four)],
      ]),
      /w\.npy stands twice/,
    ],
    [zip({ 'w.npy': shaped('2, 3') }), /w\.npy: \[2,3\] of <f8 takes 48 bytes, got 32/],
    [past, /a header of 9223372036854776000 bytes/],
    [tensor({ shape: [-2, -2] }), /shape must be a list of integers/],
    [tensor({ shape: [2 ** 62, 4] }), /shape must be a list of integers/],
    [tensor({ shape: '22' }), /shape must be a list of integers/],
    [tensor({ data_offsets: [-32, 0] }), /data_offsets must be \[begin, end\]/],
    [tensor({ data_offsets: [32, 0] }), /must lie in 0 to 32, got \[32, 0\]/],
    [tensor({ data_offsets: [0, 2 ** 63] }), /data_offsets must be/],
    [tensor({ dtype: 'constructor' }), /dtype must be one of/],
    [tensor({ shape: [2], data_offsets: [0, 16] }), /bytes 16 to 32 belong to no tensor/],
    [safetensors({ a: part(0, 8), w: part(24, 32) }, four), /bytes 8 to 24 belong to no tensor, w must begin at 8/],
    [safetensors(`{"w":${JSON.stringify(part(0, 16))},"w":${JSON.stringify(part(16, 32))}}`, four), /bytes 0 to 16 belong to no tensor/],
    [long(safetensors({ w: { dtype: 'BOOL', shape: [many], data_offsets: [0, many] } }, Buffer.alloc(0))), /may hold 134217728 values/],
  ];
  for (const [buffer, message] of table) assert.throws(() => parseArrays(buffer), message);
});

test('a file cut off after any byte is refused', () => {
  const array = npy('<f8', [6], bytes(Float64Array.from(six)));
  const files = [
    array,
    zip({ 'w.npy': array }, { deflate: true }),
    safetensors({ w: { dtype: 'F64', shape: [6], data_offsets: [0, 48] } }, bytes(Float64Array.from(six))),
  ];
  for (const whole of files) {
    parseArrays(whole);
    for (let cut = 0; cut < whole.length; cut++)
      assert.throws(() => parseArrays(whole.subarray(0, cut)), /RangeError|SyntaxError/, `${cut}`);
  }
});

test('safetensors: unsigned integers of every width', () => {
  for (const [dtype, values] of [
    ['U8', Uint8Array.of(0, 255)],
    ['U16', Uint16Array.of(0, 65_535)],
    ['U32', Uint32Array.of(0, 4_294_967_295)],
    ['U64', BigUint64Array.of(0n, 1n << 60n)],
  ] as const) {
    const file = safetensors({ w: { dtype, shape: [2], data_offsets: [0, values.byteLength] } }, bytes(values));
    assert.deepEqual([...parseArrays(file).get('w')!.data], [...values].map(Number));
  }
});

test('what has no end is no file', () => {
  assert.throws(() => filesUnder('/dev').read('zero', 'params.file'), /params\.file: zero cannot be read: it is no file/);
});
