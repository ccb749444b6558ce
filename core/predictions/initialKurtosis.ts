/** @file The fourth moment of freshly drawn weights tells their law. */
import type { Prediction } from '../define.ts';
import { isCentred, unmet } from './assumptions.ts';

const plain = ['glorot', 'lecun', 'he'];
const kurtosis = ({ kind, distribution }: { readonly kind: string; readonly distribution?: unknown }): number =>
  kind === 'rademacher' ? 1 : kind === 'frameworkDefault' || distribution === 'uniform' ? 1.8 : 3;

export const initialKurtosis: Prediction = {
  card: {
    name: 'initialKurtosis',
    title: 'Kurtosis of the initial law',
    formula: '\\kappa = 3\\ \\text{(Gaussian)},\\quad \\tfrac95\\ \\text{(uniform)},\\quad 1\\ \\text{(signs)}',
    about: 'Of the law the weights were drawn from; a kernel of N weights lies within about 2√(24/N) of it for a Gaussian.',
    source: 'definition',
  },
  fields: {},
  metric: 'weightKurtosis',
  symbol: 'κ',
  when: 'start',
  unmet: (plan) =>
    unmet(
      [...plain, 'rademacher', 'frameworkDefault'].includes(plan.spec.init.kind)
        ? null
        : `needs independent weights of one law, the init is ${plan.spec.init.kind}`,
      isCentred(plan),
    ),
  expect({ spec: { init }, network: { layers } }) {
    const value = kurtosis(init);
    return { value: layers.map(() => value) };
  },
};
