/** @file Dimensions of sums of powers against the rank of their tangent spaces at random points. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singularValues } from '../curvature/singular.ts';
import { rng } from '../rng.ts';
import { formsDimension } from './polynomialDimension.ts';

/** Rank of the derivatives of Σ a_k (w_k · x)^r at random weights by all of them, on random inputs. */
function tangentRank(power: number, inputs: number, width: number): number {
  const random = rng(1, 'test', inputs, width);
  const gaussian = (count: number) => Array.from({ length: count }, () => random.normal());
  const weights = Array.from({ length: width }, () => gaussian(inputs));
  const rows = width * (inputs + 1) + 10;
  const values = Array.from({ length: rows }, () => {
    const x = gaussian(inputs);
    return weights.flatMap((w) => {
      const z = w.reduce((sum, value, i) => sum + value * x[i]!, 0);
      return [z ** power, ...x.map((value) => power * z ** (power - 1) * value)];
    });
  });
  const columns = values[0]!.length;
  const singular = singularValues({ rows, columns, values: Float64Array.from(values.flat()) });
  return singular.filter((value) => value > 1e-9 * singular[0]!).length;
}

test('dimensions are the ranks of tangent spaces, the exceptions included', () => {
  for (const [power, inputs, width] of [
    [2, 4, 1],
    [2, 4, 3],
    [2, 4, 6],
    [3, 3, 2],
    [3, 5, 6],
    [3, 5, 7],
    [3, 5, 8],
    [4, 3, 4],
    [4, 3, 5],
    [4, 3, 6],
  ] as const)
    // prettier-ignore
    assert.equal(formsDimension(power, inputs, width), tangentRank(power, inputs, width), `${power}, ${inputs}, ${width}`);
});
