/** @file The initial weights are a stationary point for all that the run can do about it. */
import type { Diagnosis } from '../define.ts';
import { median } from '../statistics.ts';
import { integrableExponents } from '../theory/widthScaling.ts';
import { inWords, percent, whenIn } from './evidence.ts';
import { criticalInit, residual } from './remedies.ts';
import { lastQuarter, rowsOf } from './rows.ts';
import { descent, layersOf } from './runFacts.ts';

export const stationaryAtInit: Diagnosis = {
  card: {
    name: 'stationaryAtInit',
    title: 'Stationary at the initialization',
    formula: '\\frac{T}{1-\\mu}\\sum_\\ell \\eta_\\ell \\|g_\\ell\\|^2 \\le 0.01\\,L_0\\quad\\text{and}\\quad |L_T - L_0| \\le 0.02\\,L_0',
    about:
      'To first order a step of descent lowers the loss by η‖g‖². Where all steps of the run together come to less than a hundredth of the loss, and the loss has not moved, nothing is learned. The hundredths are our choice.',
    source: 'Hajjar, Chizat and Giraud 2021; the rule is derived',
  },
  fields: {},
  paper: 'hajjar2021integrable',
  metrics: ['gradNorm', 'gradientGlobalNorm', 'layerLearningRate', 'loss'],
  examine({ spec, series }) {
    const steps = descent(spec);
    const loss = rowsOf(series('loss'));
    const gradient = rowsOf(series('gradNorm'))[0];
    if (!steps || loss.length < 2 || !gradient) return null;
    const rates = rowsOf(series('layerLearningRate'))[0]?.values;
    const global = rowsOf(series('gradientGlobalNorm'))[0]?.values[0] ?? 0;
    const squares = gradient.values.map((norm, layer) => (rates?.[layer] ?? steps.learningRate) * norm ** 2);
    // the norm of all parameters knows biases, scales and shifts as well, at the rate that they share
    const perStep = rates ? squares.reduce((sum, value) => sum + value, 0) : steps.learningRate * global ** 2;
    const start = median(loss.slice(0, Math.ceil(loss.length / 4)).map(({ values }) => values[0]!));
    const end = median(lastQuarter(loss).map(({ values }) => values[0]!));
    const fall = (perStep * spec.steps) / (1 - steps.momentum) / start;
    if (!(fall <= 0.01 && Math.abs(end / start - 1) <= 0.02)) return null;
    const last = loss.at(-1)!.step;
    const { depth, width } = spec.network as { depth?: number; width?: number };
    const integrable = spec.parameterization.kind === 'ip' && depth !== undefined && depth >= 2 ? integrableExponents(depth) : null;
    return {
      severity: 'fault',
      layers: layersOf(spec).map(({ index }) => index),
      steps: [loss[0]!.step, last],
      words: `the loss stays at ${inWords(end)} ${whenIn([loss[0]!.step, last])}: by its first gradient all ${spec.steps.toLocaleString('en')} steps together would lower it by ${percent(fall)}${
        integrable && integrable.outputChange < 0
          ? `; under integrable scaling a step changes the output by width^${integrable.outputChange}, here ${inWords((width ?? 1) ** integrable.outputChange)}`
          : ''
      }`,
      numbers: { loss: end, fall, gradient: global },
    };
  },
  remedies: (spec) => [
    ...(spec.parameterization.kind === 'ip'
      ? [
          { words: 'maximal updates (muP), which move at every width', change: { parameterization: 'muP' } },
          { words: 'integrable weights with a large first step (IP-LLR)', change: { parameterization: 'ipLlr' } },
        ]
      : []),
    ...criticalInit(spec),
    ...residual(spec),
  ],
};
