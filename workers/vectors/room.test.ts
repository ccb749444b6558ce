/** @file The passes over vectors beside plain loops in float64: every length around the sizes they are cut at, spans of any place, NaN and infinity. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomWords, rng } from '#core/rng.ts';
import { takeVectors, type Span } from './room.ts';

/** A span's values in one piece, in values, and the rounding of one operation. */
const kinds = [
  { precision: 'float32', piece: 16_384, rounding: 2 ** -24, lanes: 4 },
  { precision: 'float64', piece: 8_192, rounding: 2 ** -53, lanes: 2 },
] as const;

/** Filled with values of unit size; `marks` are what must not change. */
function filled(precision: 'float32' | 'float64', count: number, size: number, seed: number) {
  const vectors = takeVectors(precision, count, size);
  const random = rng(seed, 'test');
  for (const row of vectors.of) for (let i = 0; i < size; i++) row[i] = random.normal();
  return { vectors, before: vectors.of.map((row) => Float64Array.from(row)) };
}
const inside = (spans: readonly Span[], i: number) => spans.some(([from, to]) => i >= from && i < to);
const places = (spans: readonly Span[]) => spans.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));

const spansUpTo = (size: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: size }), { minLength: 2, maxLength: 6 })
    .map((cuts) => cuts.sort((a, b) => a - b))
    .map((cuts) => Array.from({ length: Math.floor(cuts.length / 2) }, (_, i): Span => [cuts[2 * i]!, cuts[2 * i + 1]!]));

for (const { precision, piece, rounding, lanes } of kinds) {
  const question = fc
    .oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: piece - 5, max: piece + 5 }))
    .chain((size) =>
      fc.record({ size: fc.constant(size), spans: spansUpTo(size), rows: fc.integer({ min: 1, max: 9 }), seed: fc.nat(1e6) }),
    );

  test(`${precision}: what meets and leaves a basis is what loops say, within a bound of rounding; nothing changes beside the spans`, () => {
    fc.assert(
      fc.property(question, ({ size, spans, rows, seed }) => {
        const { vectors, before } = filled(precision, rows + 1, size, seed);
        const random = rng(seed, 'test', 1);
        const list = Array.from({ length: rows }, (_, i) => i);
        const at = places(spans);
        const w = before[rows]!.slice();
        const size1 = Float64Array.from(w, Math.abs);
        const take = (row: number, share: number) =>
          at.forEach((i) => {
            w[i]! -= share * before[row]![i]!;
            size1[i]! += Math.abs(share * before[row]![i]!);
          });
        const sums = vectors.meet(spans, rows, list);
        list.forEach((row) => {
          const exact = at.reduce((sum, i) => sum + w[i]! * before[row]![i]!, 0);
          const all = at.reduce((sum, i) => sum + size1[i]! * Math.abs(before[row]![i]!), 0);
          // a lane's sum is rounded once for each of its terms, and so is each term
          assert.ok(Math.abs(sums[row]! - exact) <= (1 + piece / lanes) * rounding * all, `row ${row}: ${sums[row]}, not ${exact}`);
        });
        const shares = list.map(() => random.normal());
        const length = vectors.leave(spans, rows, list, shares);
        shares.forEach((share, row) => take(row, share));
        const bound = (i: number) => (8 + 6 * Math.ceil(rows / 4)) * rounding * size1[i]!;
        for (let i = 0; i < size; i++)
          if (inside(spans, i))
            assert.ok(Math.abs(vectors.of[rows]![i]! - w[i]!) <= bound(i), `${i}: ${vectors.of[rows]![i]}, not ${w[i]}`);
          else assert.equal(vectors.of[rows]![i], before[rows]![i]);
        const left = Math.sqrt(at.reduce((sum, i) => sum + vectors.of[rows]![i]! ** 2, 0));
        assert.ok(Math.abs(length - left) <= size * 2 ** -52 * left);
        for (const row of list) assert.deepEqual(Float64Array.from(vectors.of[row]!), before[row], 'the basis stays');
        vectors.release();
      }),
      { numRuns: 60 },
    );
  });

  test(`${precision}: products and multiples on spans`, () => {
    fc.assert(
      fc.property(question, ({ size, spans, seed }) => {
        const { vectors, before } = filled(precision, 2, size, seed);
        const at = places(spans);
        const [exact, all] = [at, at].map((of, i) =>
          of.reduce((sum, k) => sum + (i ? Math.abs(before[0]![k]! * before[1]![k]!) : before[0]![k]! * before[1]![k]!), 0),
        ) as [number, number];
        assert.ok(Math.abs(vectors.dot(spans, 0, 1) - exact) <= size * 2 ** -52 * all);
        vectors.scale(spans, 1, 0, -1 / 3);
        const rounded = precision === 'float32' ? Math.fround : Number;
        for (let i = 0; i < size; i++)
          assert.equal(vectors.of[1]![i], inside(spans, i) ? rounded(before[0]![i]! * (-1 / 3)) : before[1]![i]);
        vectors.release();
      }),
      { numRuns: 40 },
    );
  });

  test(`${precision}: random values are 16 bits each of the stream's words, one span after another`, () => {
    for (const spans of [
      [[0, 1]],
      [[3, 20]],
      [
        [1, 4],
        [9, 33],
      ],
      [[0, 33]],
    ] as Span[][]) {
      const { vectors, before } = filled(precision, 2, 33, 1);
      const at = places(spans);
      const indices = [7, 0xfffffffe];
      vectors.uniform(spans, 0, 1, { seed: 0xdeadbeef, purpose: 'probe', indices });
      const words = randomWords(Math.ceil(at.length / 2), 0xdeadbeef, 'probe', ...indices);
      const wanted = before[0]!.slice();
      at.forEach((i, n) => (wanted[i] = ((words[n >> 1]! >>> (16 * (n % 2))) & 0xffff) - 32767.5));
      assert.deepEqual(Float64Array.from(vectors.of[0]!), wanted);
      vectors.release();
    }
  });

  test(`${precision}: one value that is no number, or infinite, is in every result it belongs to and in no other`, () => {
    for (const bad of [NaN, Infinity])
      for (const place of [0, 5, 6]) {
        const { vectors } = filled(precision, 6, 7, 2);
        vectors.of[4]![place] = bad;
        const [clean, spoilt] = [vectors.meet([[0, 7]], 5, [0, 1, 2, 3]), vectors.meet([[0, 7]], 5, [0, 4])];
        assert.ok(clean.every(Number.isFinite));
        assert.ok(Number.isFinite(spoilt[0]!) && !Number.isFinite(spoilt[1]!));
        assert.ok(!Number.isFinite(vectors.dot([[0, 7]], 4, 4)) && Number.isFinite(vectors.dot([[0, place]], 4, 4)));
        assert.ok(!Number.isFinite(vectors.leave([[0, 7]], 5, [4], [0.5])));
        assert.ok(vectors.of[5]!.every((value, i) => Number.isFinite(value) === (i !== place)));
        vectors.release();
      }
  });
}

test('memory is used again, two at a time have their own, and a larger one grows', () => {
  const first = takeVectors('float32', 2, 10);
  const second = takeVectors('float64', 1, 10);
  first.of[0]!.fill(1);
  second.of[0]!.fill(2);
  assert.ok(first.of[0]!.every((value) => value === 1));
  const buffer = first.of[0]!.buffer;
  first.release();
  const third = takeVectors('float32', 3, 12);
  assert.equal(third.of[0]!.buffer, buffer);
  third.release();
  const large = takeVectors('float64', 3, 100_000);
  for (const row of large.of) row.fill(1);
  assert.equal(large.dot([[0, 100_000]], 0, 2), 100_000);
  large.release();
  second.release();
});
