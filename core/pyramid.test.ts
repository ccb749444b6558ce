/** @file Bucket pyramids against buckets made row by row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  coarsen,
  createGatherer,
  decodeTile,
  encodeTile,
  joinBuckets,
  levelFor,
  means,
  nonFinite,
  rangeOf,
  sliceBuckets,
} from './pyramid.ts';
import type { Buckets } from './pyramid.ts';

const value = fc.oneof(
  { weight: 8, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }) },
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0),
);
const rowsOf = fc
  .record({ width: fc.integer({ min: 1, max: 3 }), gaps: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 120 }) })
  .chain(({ width, gaps }) => {
    let step = 0;
    const steps = Float64Array.from(gaps, (gap) => (step += gap));
    return fc
      .array(value, { minLength: gaps.length * width, maxLength: gaps.length * width })
      .map((values) => ({ width, steps, values: Float32Array.from(values) }));
  });

function gather(level: number, { width, steps, values }: { width: number; steps: Float64Array; values: Float32Array }): Buckets {
  const gatherer = createGatherer(level, width);
  gatherer.add(steps, values, 0, steps.length);
  return gatherer.take();
}

/** Every bucket from its rows, one by one, in float64. */
function slowly(level: number, { width, steps, values }: { width: number; steps: Float64Array; values: Float32Array }) {
  const numbers = [...new Set([...steps].map((step) => Math.floor(step / 2 ** level)))];
  return numbers.map((number) => {
    const rows = [...steps.keys()].filter((row) => Math.floor(steps[row]! / 2 ** level) === number);
    return Array.from({ length: width }, (_, column) => {
      const all = rows.map((row) => values[row * width + column]!);
      const finite = all.filter(Number.isFinite);
      return {
        number,
        rows: rows.length,
        min: finite.length ? Math.min(...finite) : NaN,
        max: finite.length ? Math.max(...finite) : NaN,
        mean: finite.length ? finite.reduce((sum, each) => sum + each, 0) / finite.length : NaN,
        last: all.at(-1)!,
        flags:
          (all.some(Number.isNaN) ? nonFinite.nan : 0) |
          (all.includes(Infinity) ? nonFinite.positive : 0) |
          (all.includes(-Infinity) ? nonFinite.negative : 0),
      };
    });
  });
}

function assertSame(buckets: Buckets, expected: ReturnType<typeof slowly>) {
  const { width } = buckets;
  assert.equal(buckets.index.length, expected.length);
  const mean = means(buckets);
  expected.forEach((columns, b) =>
    columns.forEach((each, column) => {
      const at = b * width + column;
      assert.equal(buckets.index[b], each.number);
      assert.equal(buckets.rows[b], each.rows);
      // +0 and -0 are equal here, as they are to Math.min in either order of rows.
      assert.ok(buckets.min[at]! === each.min || (Number.isNaN(buckets.min[at]!) && Number.isNaN(each.min)));
      assert.ok(buckets.max[at]! === each.max || (Number.isNaN(buckets.max[at]!) && Number.isNaN(each.max)));
      assert.ok(Math.abs(mean[at]! - each.mean) <= 1e-3 || (Number.isNaN(mean[at]!) && Number.isNaN(each.mean)));
      assert.ok(Object.is(buckets.last[at], Math.fround(each.last)));
      assert.equal(buckets.flags[at], each.flags);
    }),
  );
}

test('gathering at a level equals the buckets made row by row', () => {
  fc.assert(fc.property(rowsOf, fc.integer({ min: 0, max: 6 }), (rows, level) => assertSame(gather(level, rows), slowly(level, rows))));
});

test('the mean lies between the extremes, whatever the size of the numbers', () => {
  const huge = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(huge, fc.integer({ min: 0, max: 6 }), (numbers, level) => {
      const buckets = gather(level, { width: 1, steps: Float64Array.from(numbers.keys()), values: Float32Array.from(numbers) });
      means(buckets).forEach((mean, b) => {
        // a mean is kept as float32, so it may miss the extremes by one rounding of theirs
        const slack = 2 ** -23 * Math.max(Math.abs(buckets.min[b]!), Math.abs(buckets.max[b]!)) + 2 ** -149;
        assert.ok(buckets.min[b]! - slack <= mean && mean <= buckets.max[b]! + slack, `${buckets.min[b]} ${mean} ${buckets.max[b]}`);
      });
    }),
  );
});

test('coarsening k times equals gathering k levels up', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 }), (rows, level, times) => {
      let buckets = gather(level, rows);
      for (let time = 0; time < times; time++) buckets = coarsen(buckets);
      assertSame(buckets, slowly(level + times, rows));
    }),
  );
});

test('merging is associative: joined and then coarsened equals coarsened and then joined, cut at a tile', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 0, max: 40 }), (rows, half) => {
      const fine = gather(1, rows);
      const cut = 2 * half;
      const [left, right] = [rangeOf(fine, 0, cut), rangeOf(fine, cut, Infinity)];
      const apart = joinBuckets(2, rows.width, [coarsen(left), coarsen(right)]);
      assert.deepEqual(apart, joinBuckets(2, rows.width, [coarsen(joinBuckets(1, rows.width, [left, right]))]));
    }),
  );
});

test('rows that come in pieces give the same buckets', () => {
  fc.assert(
    fc.property(rowsOf, fc.nat(), (rows, seed) => {
      const gatherer = createGatherer(3, rows.width);
      const cut = seed % (rows.steps.length + 1);
      gatherer.add(rows.steps, rows.values, 0, cut);
      gatherer.add(rows.steps, rows.values, cut, rows.steps.length);
      assertSame(gatherer.take(), slowly(3, rows));
    }),
  );
});

test('a tile is read back as it was, from any offset', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 0, max: 7 }), (rows, shift) => {
      const buckets = gather(2, rows);
      const tile = encodeTile(sliceBuckets(buckets, 0, buckets.index.length));
      const shifted = new Uint8Array(tile.length + shift);
      shifted.set(tile, shift);
      assert.deepEqual(decodeTile(shifted.subarray(shift)), joinBuckets(2, rows.width, [buckets]));
    }),
  );
  assert.throws(() => decodeTile(new Uint8Array(40)), /not a tile/);
});

test('the level is the finest whose buckets fit the pixels', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e7 }), fc.nat({ max: 1e7 }), fc.integer({ min: 1, max: 2000 }), (from, span, pixels) => {
      const to = from + span;
      const count = (level: number) => Math.floor(to / 2 ** level) - Math.floor(from / 2 ** level) + 1;
      const level = levelFor(from, to, pixels);
      assert.ok(count(level) <= Math.max(pixels, 2));
      if (level > 0) assert.ok(count(level - 1) > pixels);
    }),
  );
});

test('steps that go back are refused', () => {
  assert.throws(() => gather(0, { width: 1, steps: Float64Array.of(5, 3), values: Float32Array.of(1, 1) }), /must not go back/);
});
