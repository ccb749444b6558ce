/** @file The random streams against published vectors and against their own laws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { philox, purposes, randomWords, rng } from './rng.ts';

test('philox gives the published answers', () => {
  const hex = (words: Uint32Array) => Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ');
  const ones = 0xffffffff;
  assert.equal(hex(philox([0, 0, 0, 0], [0, 0])), '6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  assert.equal(hex(philox([ones, ones, ones, ones], [ones, ones])), '408f276d 41c83b0e a20bc7c6 6d5451fd');
  assert.equal(
    hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

test('the same name is the same stream; seed, purpose and indices each name another', () => {
  const first = (...name: Parameters<typeof rng>) => rng(...name).uniform();
  assert.equal(first(7, 'init', 3), first(7, 'init', 3));
  const others = [
    first(7, 'init', 3),
    first(8, 'init', 3),
    first(7, 'order', 3),
    first(7, 'init', 4),
    first(7, 'init', 3, 1),
    first(7, 'init'),
  ];
  assert.equal(new Set(others).size, others.length);
});

test('many words at once are the blocks of the counter, of any count', () => {
  const words = randomWords(11, 7, 'dropout', 3, 5);
  for (let i = 0; i < 11; i++) assert.equal(words[i], philox([Math.floor(i / 4), 0, 3, 5], [7, purposes.indexOf('dropout')])[i % 4]);
  assert.equal(randomWords(0, 7, 'dropout').length, 0);
  assert.throws(() => randomWords(4, -1, 'dropout'), /got -1/);
});

test('moments of 200,000 draws are within five standard errors', () => {
  const n = 200_000;
  const stream = rng(1, 'test');
  const moments = (draw: () => number) => {
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = draw();
      for (let k = 0; k < 4; k++) sums[k]! += x ** (k + 1) / n;
    }
    return sums;
  };
  const close = (got: number, want: number, deviation: number) =>
    assert.ok(Math.abs(got - want) < (5 * deviation) / Math.sqrt(n), `${got} against ${want}`);
  const [u1, u2] = moments(stream.uniform);
  close(u1!, 1 / 2, Math.sqrt(1 / 12));
  close(u2!, 1 / 3, Math.sqrt(4 / 45));
  const [z1, z2, z3, z4] = moments(stream.normal);
  close(z1!, 0, 1);
  close(z2!, 1, Math.sqrt(2));
  close(z3!, 0, Math.sqrt(15));
  close(z4!, 3, Math.sqrt(96));
  close(moments(stream.rademacher)[0]!, 0, 1);
});

test('a permutation holds every index once and each position is uniform', () => {
  const counts = new Array<number>(5).fill(0);
  for (let i = 0; i < 5000; i++) {
    const order = rng(i, 'order').permutation(5);
    assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4]);
    counts[order[0]!]!++;
  }
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 5 * Math.sqrt(800), `${counts}`);
});

test('integers are unbiased at sizes that do not divide 2^32, and bad names are refused', () => {
  const stream = rng(3, 'test');
  let high = 0;
  const n = 3_000_000_000; // a biased remainder would give the low part twice the chance
  for (let i = 0; i < 20_000; i++) if (stream.integer(n) >= n / 2) high++;
  assert.ok(Math.abs(high - 10_000) < 5 * Math.sqrt(5000));
  assert.throws(() => rng(-1, 'init'), /from 0 to 2\^32-1, got -1/);
  assert.throws(() => rng(1.5, 'init'), /got 1.5/);
  assert.throws(() => stream.integer(0), /from 1 to 2\^32, got 0/);
});
