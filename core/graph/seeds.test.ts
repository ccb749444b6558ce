/** @file Tangents from many places at once: one node may move for several of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuilder } from './builder.ts';
import { tangent } from './differentiate.ts';
import { evaluate } from './evaluate.ts';
import { ownTangents } from './seeds.ts';

function moving() {
  const g = createBuilder('float64');
  const x = g.input('x', [2, 3]);
  const y = g.tanh(g.mul(x, x));
  const directions = [0, 1, 2].map((place) =>
    g.constant(
      Float64Array.from({ length: 6 }, (_, i) => Math.cos(i + 2 * place)),
      [2, 3],
    ),
  );
  return { g, x, y, directions, values: { x: Float64Array.from({ length: 6 }, (_, i) => Math.sin(i + 1)) } };
}

test('a node that moves at three places, told in any order, gives each place the tangent along its own direction', () => {
  const { g, x, y, directions, values } = moving();
  const seeds = [2, 0, 1].map((place) => ({ node: x, place: place + 4, direction: directions[place]! }));
  const found = ownTangents(
    g,
    [0, 1, 2].map((place) => ({ node: y, place: place + 4 })),
    seeds,
  );
  found.forEach((node, place) => {
    const [got] = evaluate([node!], values);
    const [want] = evaluate(tangent(g, [y], [x], [directions[place]!]), values);
    got!.forEach((value, i) => assert.ok(Math.abs(value - want![i]!) < 1e-14, `place ${place}: ${value}, not ${want![i]}`));
  });
});

test('places of one node that have a gap between them are refused, as what lies there would be taken for one of them', () => {
  const { g, x, y, directions } = moving();
  const seeds = [0, 2].map((place) => ({ node: x, place, direction: directions[place]! }));
  assert.throws(() => ownTangents(g, [{ node: y, place: 0 }], seeds), /side by side, got 0,2/);
});
