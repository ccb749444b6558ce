/** @file Predictions for a chart: which there are for a metric, what a spec does not meet of them, and their rows. Loaded by pages when asked for. */
import { entry } from './catalog.ts';
import type { Expected, Prediction } from './define.ts';
import { predictions } from './predictions/index.ts';
import { planRun } from './programs/plan.ts';
import type { Spec } from './spec.ts';

export interface Overlay {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly symbol: string;
  readonly when: Prediction['when'];
  /** Empty where it applies. */
  readonly unmet: readonly string[];
  expect(step: number, start: readonly number[] | null): Expected | null;
}

/** Every prediction for the metric, of a run of this spec. */
export function overlaysOf(metric: string, spec: Spec): Overlay[] {
  const dataset = entry('dataset', spec.dataset.kind);
  const sizes = dataset.sizes(spec.dataset);
  const plan = sizes && planRun(spec, { ...sizes, targets: dataset.targets });
  return (Object.values(predictions) as readonly Prediction[])
    .filter((prediction) => prediction.metric === metric)
    .map(({ card: { name, title, about }, symbol, when, unmet, expect }) => ({
      name,
      title,
      about,
      symbol,
      when,
      unmet: plan ? unmet(plan) : ['needs data whose size is known before files are read'],
      expect: (step, start) => (plan ? expect(plan, step, start) : null),
    }));
}
