/** @file Units that no example of the batch excites, beyond what chance does. */
import type { Diagnosis } from '../define.ts';
import { deadChance } from '../theory/depthLaws.ts';
import { percent, whenIn } from './evidence.ts';
import { lowerRate, wider } from './remedies.ts';
import { lastQuarter, lasting, medians, rowsOf } from './rows.ts';
import { layersOf } from './runFacts.ts';

/** Even where all examples look alike, each unit is on with chance ½: three deviations above that. */
const byChance = (units: number): number => Math.min(1, 0.5 + 1.5 / Math.sqrt(units));

export const deadUnits: Diagnosis = {
  card: {
    name: 'deadUnits',
    title: 'Dead units',
    formula: '\\text{dead}_\\ell \\ge \\min\\bigl(1,\\ \\tfrac12 + \\tfrac{3}{2\\sqrt{n_\\ell}}\\bigr)',
    about:
      'Units at zero on the whole batch pass no gradient. Random weights without bias leave at most about half of them off, even where all examples look alike; the rule is three deviations above that.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022; the rule is derived',
  },
  fields: {},
  paper: 'orvieto2022vanishing',
  metrics: ['deadFraction'],
  examine(run) {
    const layers = layersOf(run.spec).filter(({ kind }) => kind !== 'readout');
    const over = (values: readonly number[]) => layers.filter(({ index, kernel }) => values[index]! >= byChance(kernel.fanOut));
    const rows = rowsOf(run.series('deadFraction'));
    if (rows.length === 0) return null;
    const now = medians(lastQuarter(rows));
    const dead = over(now);
    const found =
      dead.length === 0 ? null : lasting(rows, ({ values }) => dead.some(({ index, kernel }) => values[index]! >= byChance(kernel.fanOut)));
    if (!found) return null;
    const worst = dead.reduce((most, layer) => (now[layer.index]! > now[most.index]! ? layer : most));
    const share = now[worst.index]!;
    const silent = dead.filter(({ index }) => now[index] === 1);
    const { kind, depth, width, normalization } = run.spec.network as {
      kind: string;
      depth?: number;
      width?: number;
      normalization?: string;
    };
    const chance = kind === 'mlpChain' && normalization === 'none' && run.spec.activation.kind === 'relu' ? deadChance(width!, depth!) : 0;
    return {
      severity: share >= 0.9 ? 'fault' : 'note',
      layers: dead.map(({ index }) => index),
      steps: found.steps,
      words: `${percent(share)} of the ${worst.kernel.fanOut} units of ${worst.name} are zero on every example ${whenIn(found.steps)}${
        silent.length === 0 ? '' : `, ${kind === 'mlpChain' ? 'so the output does not depend on the input' : 'so it passes nothing on'}`
      }${silent.length > 0 && chance > 1e-3 ? `; with chance ${percent(chance)} random weights of this width and depth begin so` : ''}`,
      numbers: { share, layers: dead.length, units: worst.kernel.fanOut, ...(chance > 0 ? { chance } : {}) },
    };
  },
  remedies: (spec) => [
    { words: 'leaky ReLU, which never passes nothing', change: { activation: { kind: 'leakyRelu', slope: 0.01 } } },
    ...wider(spec),
    lowerRate(spec, (spec.optimizer.learningRate as number) / 10),
  ],
};
