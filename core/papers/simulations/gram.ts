/** @file Gram matrices of wide two-layer networks: their eigenvalues, at infinite width and drawn, and activations as the catalog computes them. */
import { defaults, entry } from '../../catalog.ts';
import { symmetricEigen } from '../../curvature/symmetric.ts';
import { dot } from '../../curvature/vectors.ts';
import { createBuilder } from '../../graph/builder.ts';
import { gradient } from '../../graph/differentiate.ts';
import { evaluate } from '../../graph/evaluate.ts';
import type { Rng } from '../../rng.ts';

/** Eigenvalues below this share of the largest are rounding. */
export const floor = 1e-13;

/** Descending. */
export const eigenvalues = (gram: readonly Float64Array[]): Float64Array =>
  symmetricEigen(Float64Array.from(gram.flatMap((row) => [...row])), gram.length).values;

/** The smallest eigenvalue; NaN where it is lost in rounding. */
export function smallest(gram: readonly Float64Array[]): number {
  const values = eigenvalues(gram);
  return values.at(-1)! < floor * values[0]! ? NaN : values.at(-1)!;
}

/** n points on the unit sphere in d dimensions. */
export const spherePoints = (random: Rng, n: number, dimension: number): Float64Array[] =>
  Array.from({ length: n }, () => {
    const point = Float64Array.from({ length: dimension }, () => random.normal());
    const size = Math.sqrt(dot(point, point));
    return point.map((value) => value / size);
  });

/** Inner products of points of length 1. */
export const correlationsOf = (points: readonly Float64Array[]): Float64Array[] =>
  points.map((x) => Float64Array.from(points, (y) => Math.min(1, Math.max(-1, dot(x, y)))));

/** φ and φ′ at each of the points, by the graph that also trains networks. */
export function activated(name: string, points: Float64Array): { readonly value: Float64Array; readonly slope: Float64Array } {
  const g = createBuilder('float64');
  const x = g.input('x', [points.length]);
  const y = entry('activation', name).apply(g, x, defaults('activation', name));
  const [value, slope] = evaluate([y, ...gradient(g, g.sum(y), [x])], { x: points }) as [Float64Array, Float64Array];
  return { value, slope };
}

/** ⟨∂f(x_i), ∂f(x_j)⟩ over a hidden layer of so many units with weights N(0, I) and readouts ±1/√m. */
export function drawnGram(random: Rng, points: readonly Float64Array[], width: number, activation: string): Float64Array[] {
  const n = points.length;
  const slopes: Float64Array[] = [];
  const weights = Array.from({ length: width }, () => points[0]!.map(() => random.normal()));
  for (const x of points)
    slopes.push(
      activated(
        activation,
        Float64Array.from(weights, (w) => dot(w, x)),
      ).slope,
    );
  return Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_unused, j) => (dot(points[i]!, points[j]!) * dot(slopes[i]!, slopes[j]!)) / width),
  );
}
