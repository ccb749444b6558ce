/** @file Weight rescaling says what the norm is. */
import type { Options, Prediction } from '../define.ts';
import { hasInvariantLayers, hasRegularizer, unmet } from './assumptions.ts';

/** Between rescalings of a longer period the norm is on its way. */
const everyStep = ({ every, unit }: Options): string | null =>
  (every ?? 1) === 1 && unit !== 'epochs' ? null : `needs rescaling in every step, the period is ${every} ${unit}`;

export const rescaledNorm: Prediction = {
  card: {
    name: 'rescaledNorm',
    title: 'Norm under weight rescaling',
    formula: '\\|W_\\ell\\|_F = c\\sqrt{n_\\ell}\\ \\text{(per filter)},\\qquad c\\ \\text{(per layer)}',
    about:
      'Every rescaled vector has the target norm c after the step; a kernel has as many as it has filters. With the target “init” it is where it began.',
    source: 'Liu, Cui, Wan, Mao and Chan 2022',
  },
  fields: {},
  metric: 'weightNorm',
  symbol: 'c√n',
  when: 'always',
  unmet: (plan) => unmet(hasRegularizer(plan, 'weightRescaling'), hasInvariantLayers(plan), everyStep(plan.spec.regularizer)),
  expect(plan, step, start) {
    const { regularizer, network, spec } = plan;
    const { scope, target, targetValue, applyAtInit } = spec.regularizer;
    if (target === 'init' ? !start : step === 0 && !applyAtInit) return null;
    const value = network.layers.map((layer, i) => {
      const kernel = network.parameters.find((parameter) => parameter.layer === i && parameter.role === 'weight')!;
      if (regularizer.treatment(kernel, layer, spec.regularizer) !== 'rescale') return NaN;
      if (target === 'init') return start![i]!;
      return (target === 'unit' ? 1 : Number(targetValue)) * (scope === 'filter' ? Math.sqrt(kernel.shape.at(-1)!) : 1);
    });
    return { value };
  },
};
