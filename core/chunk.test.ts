/** @file The chunk: its bytes, its round trip, and every way in which foreign bytes are refused. */
import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import test from 'node:test';
import fc from 'fast-check';
import { chunkLimits, decodeChunk, encodeChunk, readHeader, type Chunk } from './chunk.ts';
import { crc32 } from './crc32.ts';

const example: Chunk = {
  metric: 'loss',
  seq: 7,
  attempt: 2,
  width: 2,
  steps: Float64Array.of(0, 5),
  values: Float32Array.of(1, -2, NaN, Infinity),
};

const anyChunk: fc.Arbitrary<Chunk> = fc
  .record({
    metric: fc.stringMatching(/^[a-z][a-zA-Z0-9.]{0,30}$/),
    seq: fc.nat(0xffffffff),
    attempt: fc.nat(0xffffffff),
    width: fc.integer({ min: 1, max: 20 }),
    gaps: fc.array(fc.nat(1e9), { minLength: 1, maxLength: 40 }),
  })
  .chain(({ gaps, ...rest }) => {
    let step = 0;
    const steps = Float64Array.from(gaps, (gap) => (step += gap));
    const size = gaps.length * rest.width;
    return fc.float32Array({ minLength: size, maxLength: size }).map((values) => ({ ...rest, steps, values }));
  });

/** Changes the bytes, then makes the checksum right again, so that the check behind it is the one that speaks. */
function tampered(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = encodeChunk(example);
  const view = new DataView(bytes.buffer);
  change(view, bytes);
  view.setUint32(24, crc32(bytes.subarray(28)), true);
  return bytes;
}

test('this machine is little-endian, as the views of the chunk assume', () => {
  assert.equal(endianness(), 'LE');
});

test('a chunk is exactly these bytes', () => {
  const hex = Buffer.from(encodeChunk({ ...example, values: Float32Array.of(1, -2, 0.5, Infinity) })).toString('hex');
  assert.equal(
    hex,
    [
      '504c4331', // PLC1
      '0000', // flags
      '0400', // length of the name
      '07000000', // seq
      '02000000', // rows
      '02000000', // width
      '02000000', // attempt
      hex.slice(48, 56), // checksum, tested below
      '6c6f7373', // loss
      '0000000000000000', // step 0
      '0000000000001440', // step 5
      '0000803f', // 1
      '000000c0', // -2
      '0000003f', // 0.5
      '0000807f', // Infinity
    ].join(''),
  );
  const bytes = Buffer.from(hex, 'hex');
  assert.equal(bytes.readUInt32LE(24), crc32(bytes.subarray(28)));
});

test('a name that does not fill eight bytes is padded with zeros', () => {
  const bytes = encodeChunk({ ...example, metric: 'gradNorm' });
  assert.deepEqual([...bytes.subarray(36, 40)], [0, 0, 0, 0]);
  assert.equal(readHeader(bytes).start, 40);
});

test('decode(encode(chunk)) is the chunk, whatever the values, at any offset in memory', () => {
  fc.assert(
    fc.property(anyChunk, fc.nat(15), (chunk, offset) => {
      const bytes = encodeChunk(chunk);
      const room = new Uint8Array(bytes.length + offset);
      room.set(bytes, offset);
      assert.deepEqual(decodeChunk(room.subarray(offset)), chunk);
      const header = readHeader(bytes);
      assert.deepEqual(
        [header.metric, header.seq, header.attempt, header.rows, header.width, header.firstStep, header.lastStep],
        [chunk.metric, chunk.seq, chunk.attempt, chunk.steps.length, chunk.width, chunk.steps[0], chunk.steps.at(-1)],
      );
    }),
  );
});

test('a Node Buffer out of a pool decodes like any other bytes', () => {
  assert.deepEqual(decodeChunk(Buffer.from(encodeChunk(example)).subarray(0)), example);
});

test('NaN and both infinities come back as they went', () => {
  const values = Float32Array.of(NaN, Infinity, -Infinity, -0);
  assert.deepEqual(decodeChunk(encodeChunk({ ...example, values })).values, values);
});

test('every single flipped bit is refused or lies in a field that the checksum leaves to the store (seq, attempt)', () => {
  const bytes = encodeChunk(example);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const byte = bit >> 3;
    if ((byte >= 8 && byte < 12) || (byte >= 20 && byte < 24)) continue;
    assert.throws(() => decodeChunk(changed), RangeError, `bit ${bit}`);
  }
});

test('a chunk cut short or with bytes to spare is refused at every length', () => {
  const bytes = encodeChunk(example);
  for (let length = 0; length < bytes.length; length++) assert.throws(() => decodeChunk(bytes.slice(0, length)), RangeError);
  assert.throws(() => decodeChunk(Buffer.concat([bytes, Buffer.alloc(1)])), /take 64 bytes, got 65/);
});

test('random bytes are refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assert.throws(() => decodeChunk(bytes), RangeError)));
});

const refusals: [what: string, bytes: () => Uint8Array, message: RegExp][] = [
  ['a foreign magic', () => tampered((view) => view.setUint32(0, 0x31434c51, true)), /magic "PLC1" is missing/],
  ['unknown flags', () => tampered((view) => view.setUint16(4, 1, true)), /unknown flags 1/],
  ['a name that is too long', () => tampered((view) => view.setUint16(6, 65, true)), /at most 64 bytes, got 65/],
  ['no rows', () => tampered((view) => view.setUint32(12, 0, true)), /rows from 1 to/],
  ['more rows than allowed', () => tampered((view) => view.setUint32(12, chunkLimits.maxRows + 1, true)), /rows from 1 to/],
  ['no width', () => tampered((view) => view.setUint32(16, 0, true)), /width from 1 to/],
  ['more width than allowed', () => tampered((view) => view.setUint32(16, 0xffffffff, true)), /width from 1 to/],
  ['a name outside the alphabet', () => tampered((_, bytes) => bytes.set([0x2e, 0x2e], 28)), /metric must match/],
  ['a step that is not a number', () => tampered((view) => view.setFloat64(32, NaN, true)), /steps must be finite/],
  ['a negative step', () => tampered((view) => view.setFloat64(32, -1, true)), /steps must be finite/],
  ['steps that fall', () => tampered((view) => view.setFloat64(32, 6, true)), /non-decreasing/],
  ['an infinite step', () => tampered((view) => view.setFloat64(40, Infinity, true)), /steps must be finite/],
  ['changed values', () => encodeChunk(example).map((byte, i) => (i === 50 ? byte ^ 1 : byte)), /checksum does not match/],
  ['too many bytes', () => new Uint8Array(chunkLimits.maxBytes + 1), /at most 4194304 bytes/],
];
for (const [what, bytes, message] of refusals)
  test(`a chunk with ${what} is refused: what, got, allowed`, () => assert.throws(() => decodeChunk(bytes()), message));

test('encode refuses a bad name and values that do not fill the rows', () => {
  for (const metric of ['', 'Loss', '7up', 'a b', 'x'.repeat(65)])
    assert.throws(() => encodeChunk({ ...example, metric }), /metric must match/);
  assert.throws(() => encodeChunk({ ...example, width: 3 }), /2 rows of 3, got 4 values/);
});
