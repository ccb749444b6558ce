/** @file The largest eigenvalue stands at the bound beyond which a step along its eigenvector overshoots and grows. */
import type { Diagnosis } from '../define.ts';
import type { RunResult } from '../results.ts';
import { hasOneRate } from '../predictions/assumptions.ts';
import { stabilityBound } from '../theory/equilibrium.ts';
import { inWords, whenIn, type Evidence } from './evidence.ts';
import { lowerRate } from './remedies.ts';
import { rowsOf, together } from './rows.ts';
import { descent } from './runFacts.ts';

/** λ₁ against the bound at the learning rate of its step. */
function shares(run: RunResult): { readonly step: number; readonly top: number; readonly share: number }[] {
  const kind = descent(run.spec);
  if (!kind || hasOneRate(run)) return [];
  const rates = rowsOf(run.series('learningRate'));
  return together(run, ['hessianTop']).map(({ step, values: [top] }) => {
    const rate = rates.findLast((row) => row.step <= step)?.values[0] ?? kind.learningRate;
    return { step, top: top![0]!, share: top![0]! / stabilityBound(kind.kind, rate, kind.momentum) };
  });
}

export const edgeOfStability: Diagnosis = {
  card: {
    name: 'edgeOfStability',
    title: 'Edge of stability',
    formula:
      '0.9 \\le \\lambda_1/b \\le 1.5,\\quad b = \\frac{2}{\\eta},\\quad\\text{heavy ball } \\frac{2(1+\\mu)}{\\eta},\\quad\\text{Nesterov } \\frac{2(1+\\mu)}{\\eta(1+2\\mu)}',
    about:
      'Sharpness climbs to the largest value at which steps are stable and stays there, for at least three measurements. A fault only where it begins beyond that and the run diverges.',
    source: 'Cohen, Kaur, Li, Kolter and Talwalkar 2021; 0.9 and 1.5 are our choice',
  },
  fields: {},
  paper: 'cohen2021edge',
  metrics: ['hessianTop', 'learningRate', 'loss'],
  examine(run): Evidence | null {
    const rows = shares(run);
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return null;
    const bound = first.top / first.share;
    if (run.status === 'diverged' && first.share > 1)
      return {
        severity: 'fault',
        layers: [],
        steps: [first.step, last.step],
        words: `sharpness ${inWords(first.top)} ${whenIn([first.step, first.step])} is ${inWords(first.share)} times the bound ${inWords(bound)} of this learning rate: steps along its eigenvector grow, and the run diverged`,
        numbers: { sharpness: first.top, bound, share: first.share },
      };
    const since = rows.findLastIndex(({ share }) => !(share >= 0.9 && share <= 1.5)) + 1;
    const there = rows.slice(since);
    if (there.length < 3) return null;
    const mean = there.reduce((sum, { share }) => sum + share, 0) / there.length;
    const steps = [there[0]!.step, last.step] as const;
    return {
      severity: 'note',
      layers: [],
      steps,
      words: `sharpness ${inWords(last.top)} stands at ${inWords(mean)} times the bound ${inWords(last.top / last.share)} of this learning rate ${whenIn(steps)}`,
      numbers: { sharpness: last.top, bound: last.top / last.share, share: mean, measurements: there.length },
    };
  },
  remedies: (spec) => [
    lowerRate(spec, (spec.optimizer.learningRate as number) / 2),
    {
      words: 'a warm-up, in which sharpness falls before the rate is at its height',
      change: { schedule: { ...spec.schedule, warmupSteps: Math.ceil(spec.steps / 20) } },
    },
  ],
};
