/** @file The checksum against the published check value and a bit-by-bit computation. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

/** Straight from the definition: shift one bit at a time, no table. */
function bitwise(bytes: Uint8Array): number {
  let register = 0xffffffff;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const carry = (register ^ (byte >>> bit)) & 1;
      register = (register >>> 1) ^ (carry ? 0xedb88320 : 0);
    }
  return ~register >>> 0;
}

test('crc32 of "123456789" is the published check value cbf43926', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('crc32 of nothing is 0', () => {
  assert.equal(crc32(new Uint8Array()), 0);
});

test('crc32 equals the computation bit by bit', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.equal(crc32(bytes), bitwise(bytes))));
});

test('crc32 sees every single flipped bit', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) & 255);
  const whole = crc32(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.notEqual(crc32(changed), whole);
  }
});
