/** @file A plateau without curvature: no direction in the weights of its layers in which descent would get away within the run. */
import type { Diagnosis } from '../define.ts';
import { inWords, whenIn } from './evidence.ts';
import { adaptive, criticalInit, residual, wider } from './remedies.ts';
import { rowsOf, together } from './rows.ts';
import { descent, hiddenLayers, namesOf } from './runFacts.ts';

export const vanishingCurvature: Diagnosis = {
  card: {
    name: 'vanishingCurvature',
    title: 'Vanishing curvature',
    formula:
      '\\frac{\\eta\\,T}{1-\\mu}\\,\\max(|\\lambda_{max}(H_{\\ell\\ell})|, |\\lambda_{min}(H_{\\ell\\ell})|) < 1\\quad\\text{while}\\quad L_t > \\tfrac12 L_0',
    about:
      'Along an eigenvector descent shrinks or grows as (1 - ηλ)ᵗ. Where ηλT stays under 1 in the Hessian blocks of most hidden layers, nothing in them changes by a factor e within the run, and the loss is still high. Most, and half of the loss, are our choice.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022; the rule is derived',
  },
  fields: {},
  paper: 'orvieto2022vanishing',
  metrics: ['blockTop', 'blockTopResidual', 'blockBottom', 'loss'],
  examine(run) {
    const { learningRate, momentum = 0 } = run.spec.optimizer as unknown as { learningRate: number; momentum?: number };
    const hidden = hiddenLayers(run.spec).filter(({ kernel }) => !kernel.frozen);
    const loss = rowsOf(run.series('loss'));
    const start = loss[0]?.values[0];
    if (start === undefined || hidden.length === 0) return null;
    const reach = (learningRate * run.spec.steps) / (1 - momentum);
    const measured = together(run, ['blockTop', 'blockTopResidual', 'blockBottom']).map(({ step, values: [top, residual, bottom] }) => {
      const size = ({ index }: { index: number }) => Math.max(Math.abs(top![index]!) + residual![index]!, Math.abs(bottom![index]!));
      const flat = hidden.filter((layer) => reach * size(layer) < 1);
      const now = loss.findLast((row) => row.step <= step)?.values[0] ?? NaN;
      return { step, flat, largest: Math.max(...flat.map(size)), holds: 2 * flat.length > hidden.length && now > start / 2 };
    });
    const last = measured.at(-1);
    if (!last?.holds) return null;
    const steps = [measured[measured.findLastIndex(({ holds }) => !holds) + 1]!.step, last.step] as const;
    const { flat, largest } = last;
    return {
      severity: descent(run.spec) ? 'fault' : 'note',
      layers: flat.map(({ index }) => index),
      steps,
      words: `no eigenvalue of the Hessian blocks of ${flat.length} of ${hidden.length} hidden layers (${namesOf(flat)}) is larger in size than ${inWords(largest)} ${whenIn(steps)}; ${
        descent(run.spec)
          ? `in ${run.spec.steps.toLocaleString('en')} steps descent at this rate changes no direction in them by more than a factor ${inWords(Math.exp(reach * largest))}`
          : `the steps of ${run.spec.optimizer.kind} do not depend on it`
      }`,
      numbers: { largest, layers: flat.length, of: hidden.length, growth: Math.exp(reach * largest) },
    };
  },
  remedies: (spec) => [...wider(spec), ...residual(spec), ...criticalInit(spec), ...adaptive(spec)],
};
