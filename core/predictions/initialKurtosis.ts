/** @file The fourth moment of freshly drawn weights tells their law. */
import type { Prediction } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import type { RunPlan } from '../programs/plan.ts';
import { isCentred, unmet } from './assumptions.ts';

const plain = ['glorot', 'lecun', 'he'];
type Law = 'signs' | 'uniform' | 'normal';
const lawOf = ({ kind, distribution }: { readonly kind: string; readonly distribution?: unknown }): Law =>
  kind === 'rademacher' ? 'signs' : kind === 'frameworkDefault' || distribution === 'uniform' ? 'uniform' : 'normal';

const free: Readonly<Record<Law, number>> = { signs: 1, uniform: 9 / 5, normal: 3 };
/** Of d weights brought to one norm: a coordinate of a uniform point of the sphere, where they were normal. Nothing is said of uniform ones. */
const onSphere: Readonly<Record<Law, (d: number) => number>> = {
  signs: () => 1,
  uniform: (d) => (d === 1 ? 1 : NaN),
  normal: (d) => (3 * d) / (d + 2),
};

/** Weights of each filter, in layers whose filters the regularizer brings to one norm before the first step; null in the others. */
function filterSizes({ spec: { regularizer }, network: { layers }, stacks }: RunPlan): (number | null)[] {
  const { kind, scope, applyAtInit, target } = regularizer;
  const atStart = kind === 'weightRescaling' && scope === 'filter' && applyAtInit === true && target !== 'init';
  const rescaled = stacks.filter(({ role, treatment }) => atStart && role === 'weight' && treatment === 'rescale');
  const sizes = new Map(rescaled.flatMap(({ members }) => members.map(({ layer, shape }) => [layer, sizeOf(shape.slice(0, -1))] as const)));
  return layers.map((_, layer) => sizes.get(layer) ?? null);
}

export const initialKurtosis: Prediction = {
  card: {
    name: 'initialKurtosis',
    title: 'Kurtosis of the initial law',
    formula:
      '\\kappa = 3\\ \\text{(Gaussian)},\\quad \\tfrac95\\ \\text{(uniform)},\\quad 1\\ \\text{(signs)};\\quad \\tfrac{3d}{d+2}\\ \\text{on the sphere}',
    about:
      'Of the law the weights were drawn from; a kernel of N weights lies within about 2√(24/N) of it for a Gaussian. Where weight rescaling brings every filter of d Gaussian weights to one norm, they lie on a sphere; of uniform ones nothing is said then.',
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
  expect(plan) {
    const law = lawOf(plan.spec.init);
    const examples = plan.network.parameters.flatMap(({ layer, examples }) => (examples ? [layer] : []));
    const value = filterSizes(plan).map((d) => (d === null ? free[law] : onSphere[law](d)));
    return { value: value.map((kurtosis, layer) => (examples.includes(layer) ? NaN : kurtosis)) };
  },
};
