/** @file How much of the pre-activations’ size differs between samples. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm, perLayer } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const sampleVarianceFraction: Metric = {
  card: {
    name: 'sampleVarianceFraction',
    title: 'Sample variance of the pre-activations',
    formula: '\\overline{\\operatorname{Var}_b h_{bj}}\\,/\\,\\overline{h_{bj}^2}',
    about: 'How much of the pre-activations’ size differs between samples: near 0 the layer says the same of every input.',
    source: 'Luther and Seung 2019',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: perLayer(({ preActivation }) => {
    const rows = samplesOf(preActivation);
    const scale = norm(preActivation.values);
    const units = Array.from(rows[0]!.keys(), (j) => mean(rows.map((row) => row[j]!)));
    const spread = norm(Float64Array.from(rows.flatMap((row) => Array.from(row, (value, j) => value - units[j]!))));
    return (spread / scale) ** 2;
  }),
};
