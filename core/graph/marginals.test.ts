/** @file Sums that take what is the same along an axis out first: the same values on random shapes, fewer passes where there is something to gain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rng } from '../rng.ts';
import { createBuilder, type Builder } from './builder.ts';
import { whatMoves } from './cut.ts';
import { evaluate } from './evaluate.ts';
import { summedFirst } from './marginals.ts';
import { sizeOf, type Node, type Shape } from './node.ts';

const whole = [3, 4, 5, 2];
/** The whole shape with ones in some places, and without those in front if so wished. */
const shapes = fc.tuple(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean()).map(([same, short]) => {
  const shape = whole.map((n, axis) => (same[axis] ? 1 : n));
  return short
    ? shape.slice(
        Math.max(
          0,
          shape.findIndex((n) => n > 1),
        ),
      )
    : shape;
});
/** A factor that moves, if not none, times one that stays, if not none: not neither. */
const terms = fc
  .record({ moves: fc.option(shapes), stays: fc.option(shapes) })
  .filter(({ moves, stays }) => moves !== null || stays !== null);

function inputs(g: Builder) {
  const feeds: Record<string, Float64Array> = {};
  const moving: Node[] = [];
  const input = (shape: Shape, moves: boolean): Node => {
    const name = `x${Object.keys(feeds).length}`;
    const random = rng(Object.keys(feeds).length, 'test');
    feeds[name] = Float64Array.from({ length: sizeOf(shape) }, () => random.normal());
    const node = g.input(name, shape);
    if (moves) moving.push(node);
    return node;
  };
  return { feeds, moving, input };
}
const product = (g: Builder, factors: readonly Node[]) => factors.reduce((a, b) => g.mul(a, b));

test('a sum of products, times a factor or not, keeps its values and shape whatever is the same along whichever axes', () => {
  fc.assert(
    fc.property(
      fc.array(terms, { minLength: 1, maxLength: 4 }),
      fc.option(shapes),
      fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (all, shared, axes, keepDims) => {
        const g = createBuilder('float64');
        const { feeds, moving, input } = inputs(g);
        const sum = all
          .map(({ moves, stays }) => product(g, [...(moves ? [input(moves, true)] : []), ...(stays ? [input(stays, false)] : [])]))
          .reduce((a, b) => g.add(a, b));
        const x = g.broadcastTo(shared ? g.mul(input(shared, false), sum) : sum, whole);
        // both as it is read by the sum alone and stretched by another factor
        for (const read of [x, shared ? g.mul(g.broadcastTo(input(whole, false), whole), sum) : g.add(sum, input(whole, true))]) {
          const node = g.sum(read, axes, keepDims);
          const [again] = summedFirst(g, [node], moving) as [Node];
          assert.deepEqual(again.shape, node.shape);
          const [got, wanted] = [evaluate([again], feeds)[0]!, evaluate([node], feeds)[0]!];
          got.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]!) <= 1e-11, `${value}, not ${wanted[i]}`));
        }
      },
    ),
    { numRuns: 300 },
  );
});

const [map, perChannel, perImage] = [
  [3, 4, 5, 2],
  [1, 1, 1, 2],
  [3, 1, 1, 2],
];
/** Nodes as large as the map that move, made on the way. */
const passes = (of: Node, moving: readonly Node[]) => {
  const { order, varies } = whatMoves([of], moving);
  return order.filter((node) => varies.has(node) && node.inputs.length > 0 && sizeOf(node.shape) >= sizeOf(map!)).length;
};

for (const [title, make, before, after] of [
  [
    'a slope for each image times a map: the map’s own sum',
    (g, still, moves) => g.sum(g.mul(moves(perImage!), still(map!)), [0, 1, 2]),
    1,
    0,
  ],
  [
    'beside a product of maps: that one’s pass is left',
    (g, still, moves) => g.sum(g.add(g.mul(moves(perImage!), still(map!)), g.mul(moves(map!), still(map!))), [0, 1, 2]),
    3,
    1,
  ],
  [
    'a mask on what a normalization’s tangent is made of: one pass is left',
    (g, still, moves) => {
      const tangent = g.add(g.add(g.mul(moves(map!), still(perChannel!)), g.mul(still(map!), moves(perChannel!))), moves(perChannel!));
      return g.sum(g.mul(still(map!), tangent), [1, 2]);
    },
    5,
    1,
  ],
  [
    'a map that moves, times what stays for each image: its own sum first',
    (g, still, moves) => g.sum(g.mul(moves(map!), still(perImage!)), [0, 1, 2]),
    1,
    0,
  ],
  [
    'two maps that move under one mask: as it was',
    (g, still, moves) => {
      const maps = g.add(moves(map!), g.mul(moves(map!), still(perChannel!)));
      return g.sum(g.mul(still(map!), g.add(maps, moves(perChannel!))), [1, 2]);
    },
    4,
    4,
  ],
  [
    'a tangent that is read once more: as it was',
    (g, still, moves) => {
      const tangent = g.add(g.mul(moves(map!), still(perChannel!)), moves(perChannel!));
      return g.add(g.sum(g.mul(still(map!), tangent)), g.sum(g.square(tangent)));
    },
    4,
    4,
  ],
] as [string, (g: Builder, still: (shape: Shape) => Node, moves: (shape: Shape) => Node) => Node, number, number][])
  test(title, () => {
    const g = createBuilder('float64');
    const { moving, input } = inputs(g);
    const sum = make(g, (shape) => input(shape, false), (shape) => input(shape, true)); // prettier-ignore
    const [again] = summedFirst(g, [sum], moving) as [Node];
    assert.equal(passes(sum, moving), before);
    assert.equal(passes(again, moving), after);
  });
