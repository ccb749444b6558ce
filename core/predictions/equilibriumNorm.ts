/** @file Under weight decay the norm of weights in front of a normalization settles where growth by the gradient and shrinking balance. */
import type { Prediction, Seen } from '../define.ts';
import { equilibriumNorm as norm, equilibriumTime } from '../theory/equilibrium.ts';
import { decayOf, equilibriumFaults } from './weightDecay.ts';

export const equilibriumNorm: Prediction = {
  card: {
    name: 'equilibriumNorm',
    title: 'Norm in equilibrium under weight decay',
    formula: '\\|w\\| = \\Bigl(\\frac{\\eta\\, G^2}{2\\lambda(1-\\mu)}\\Bigr)^{1/4},\\qquad G^2 = \\langle \\|w\\|^2\\|g\\|^2 \\rangle',
    about:
      'Where the norm is heading: G is the gradient’s norm on the unit sphere, its mean square over the last (1-μ)/(4ηλ) steps of the run itself. It moves as G does. Of runs so long that rows come in buckets it lies a little low.',
    source: 'van Laarhoven 2017; Wan, Zhu, Zhang and Sun 2021',
  },
  fields: {},
  metric: 'weightNorm',
  reads: ['weightNorm', 'gradNorm'],
  symbol: 'equilibrium',
  when: 'always',
  unmet: equilibriumFaults,
  expect(plan, step, _, seen) {
    const decay = decayOf(plan);
    const squares = seen && slopesOnSphere(seen, step, equilibriumTime(decay));
    if (!squares) return null;
    return {
      value: plan.network.layers.map(({ scaleInvariant }, layer) =>
        scaleInvariant === false ? NaN : norm(decay, Math.sqrt(squares[layer] ?? NaN)),
      ),
    };
  },
};

/** ⟨‖w‖²‖g‖²⟩ of each layer over the rows of the last `time` steps, at least the newest one; null before the first. */
function slopesOnSphere({ rows }: Seen, step: number, time: number): readonly number[] | null {
  const weights = new Map(rows('weightNorm', step).map((row) => [row.step, row.values]));
  const both = rows('gradNorm', step).filter((row) => weights.has(row.step));
  const recent = both.filter((row) => row.step > step - time);
  const taken = recent.length > 0 ? recent : both.slice(-1);
  if (taken.length === 0) return null;
  return taken[0]!.values.map((_, layer) => {
    const squares = taken
      .map((row) => (row.values[layer]! * weights.get(row.step)![layer]!) ** 2)
      .filter((square) => !Number.isNaN(square));
    return squares.reduce((sum, square) => sum + square, 0) / squares.length;
  });
}
