/** @file Any exponents. */
import type { Field, Parameterization } from '../define.ts';
import { baseWidth, fromTable, type Triple } from './exponents.ts';

const exponent = (letter: string, place: string, value: number): Field => ({
  type: 'number',
  title: `${letter} of the ${place}`,
  symbol: `${letter}_{\\text{${place}}}`,
  min: -20,
  max: 20,
  default: value,
});

export const abc: Parameterization = {
  card: {
    name: 'abc',
    title: 'abc',
    formula: 'h_\\ell = m^{-a_\\ell} W_\\ell x_{\\ell-1},\\quad W_\\ell = m^{-b_\\ell} U_\\ell,\\quad \\eta_\\ell = \\eta\\, m^{-c_\\ell}',
    about:
      'Any exponents. With SGD, a + θ, b - θ, c - 2θ is the same network (c - θ with Adam): only a + b and the effective rate matter. Metrics, clipping and weight rescaling see m^-a W, decay sees W.',
    source: 'Yang and Hu 2021',
  },
  fields: {
    baseWidth,
    aInput: exponent('a', 'input', 0),
    aHidden: exponent('a', 'hidden', 0),
    aOutput: exponent('a', 'output', 0),
    bInput: exponent('b', 'input', 0),
    bHidden: exponent('b', 'hidden', 0.5),
    bOutput: exponent('b', 'output', 0.5),
    cInput: exponent('c', 'input', 0),
    cHidden: exponent('c', 'hidden', 0),
    cOutput: exponent('c', 'output', 0),
  },
  scaling(request, options) {
    const triple = (letter: string): Triple => [
      options[`${letter}Input`] as number,
      options[`${letter}Hidden`] as number,
      options[`${letter}Output`] as number,
    ];
    return fromTable({ a: triple('a'), b: triple('b'), c: triple('c'), invariant: triple('c') }, request);
  },
};
