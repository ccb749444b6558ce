/** @file Tables of exponents: what most parameterizations are made of. */
import type { Field, Scaling, ScalingRequest } from '../define.ts';

export type Triple = readonly [input: number, hidden: number, output: number];

export interface Table {
  readonly a: Triple;
  readonly b: Triple;
  readonly c: Triple;
  /** c for optimizers whose steps do not grow with the gradient, as Adam's; without it they take c. */
  readonly scaleFree?: Triple;
  /** c for those of Newton's kind, whose steps find their own size; without it 0. */
  readonly invariant?: Triple;
}

export const baseWidth: Field = {
  type: 'integer',
  title: 'Base width',
  symbol: 'm_0',
  min: 1,
  max: 65_536,
  default: 1,
  about:
    'Exponents are of m/m₀, m being what the readout reads: at width m₀ this is the standard parameterization. Biases, scales and shifts take those of the input, the readout’s bias none.',
};

const at = (triple: Triple, place: ScalingRequest['place']): number => triple[place === 'input' ? 0 : place === 'hidden' ? 1 : 2];

/**
 * Kernels by their place. Biases, scales and shifts have one input of fixed size, as the input layer has, so they take its exponents; those of
 * the output, whose number does not grow either, take none.
 */
export function fromTable({ a, b, c, scaleFree = c, invariant = [0, 0, 0] }: Table, request: ScalingRequest): Scaling {
  const rates = { 1: c, 0: scaleFree, '-1': invariant }[request.gradientPower];
  if (request.role === 'weight') return { a: at(a, request.place), b: at(b, request.place), c: at(rates, request.place) };
  return request.place === 'output' ? { a: 0, b: 0, c: 0 } : { a: a[0], b: b[0], c: rates[0] };
}

/** Integrable: every matrix behind the first has the factor 1/m. Adam-like optimizers need no rates that grow. */
export const integrable: Table = { a: [0, 1, 1], b: [0, 0, 0], c: [-1, -2, -1], scaleFree: [0, 0, 0] };
export const maximalUpdate: Table = { a: [-0.5, 0, 0.5], b: [0.5, 0.5, 0.5], c: [0, 0, 0], scaleFree: [0.5, 1, 0.5] };

export const firstSteps: Field = {
  type: 'integer',
  title: 'First steps',
  min: 1,
  max: 1000,
  default: 1,
  about: 'How many steps the large rates last.',
};

/** Undoes the vanishing of the integrable start: gradients of matrices fall like m^-(L+1)/2 and m^-(L+2)/2, those of a bias by m^-1/2 for each matrix above it. */
export function largeInitial({ role, place, layer, depth }: ScalingRequest): number {
  if (role === 'weight') return place === 'hidden' ? -(depth + 2) / 2 : -(depth + 1) / 2;
  return place === 'output' ? 0 : -(depth - layer + 2) / 2;
}
