/** @file Mean size of the correlation between two units of a layer over the probe batch (over samples and pixels, for channels). */
import { dot } from '../curvature/vectors.ts';
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm, perLayer } from './moments.ts';

export const unitCorrelation: Metric = {
  card: {
    name: 'unitCorrelation',
    title: 'Correlation of the units',
    formula: '\\overline{|\\operatorname{corr}_b(x_{bi}, x_{bj})|},\\ i \\ne j',
    about:
      'Mean size of the correlation between two units of a layer over the probe batch (over samples and pixels, for channels). Units that never vary are left out.',
    source: 'Chen, Chen, Shi, Hsieh, Liao and Zhang 2019',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: perLayer(({ activation: { values, size } }) => {
    const rows = values.length / size;
    if (!values.every(Number.isFinite)) return NaN;
    const units = Array.from({ length: size }, (_, j) => {
      const unit = Float64Array.from({ length: rows }, (_, i) => values[i * size + j]!);
      const [middle, largest] = [mean(unit), norm(unit)];
      const centred = unit.map((value) => value - middle);
      const length = norm(centred);
      return length > 1e-7 * largest ? centred.map((value) => value / length) : null; // below that only rounding varies
    }).filter((unit) => unit !== null);
    let total = 0;
    for (let i = 0; i < units.length; i++) for (let j = 0; j < i; j++) total += Math.abs(dot(units[i]!, units[j]!));
    return total / ((units.length * (units.length - 1)) / 2);
  }),
};
