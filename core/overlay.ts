/** @file Predictions for a chart: which there are for a metric, what a spec does not meet of them, and their rows. Loaded by pages when asked for. */
import { entry } from './catalog.ts';
import type { Expected, Prediction, Seen } from './define.ts';
import { predictions } from './predictions/index.ts';
import { planRun, type RunPlan } from './programs/plan.ts';
import { probeRows } from './programs/samples.ts';
import { madeData } from './programs/steps.ts';
import type { Spec } from './spec.ts';

export interface Overlay {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly symbol: string;
  readonly when: Prediction['when'];
  /** Empty where it applies. */
  readonly unmet: readonly string[];
  readonly reads: readonly string[];
  /** `rows`: of one of `reads`, up to a step. */
  expect(step: number, start: readonly number[] | null, rows?: Seen['rows']): Expected | null;
}

/** The inputs that the run's instruments look at, made anew from its seed when first asked for. */
function probeOf(spec: Spec, plan: RunPlan): Seen['probe'] {
  let made: ReturnType<Seen['probe']> | undefined;
  return () => {
    if (made !== undefined) return made;
    const { generate } = entry('dataset', spec.dataset.kind);
    if (!generate) return (made = null);
    const { train } = madeData(spec);
    return (made = Array.from(probeRows(plan, train.n), (row) =>
      train.inputs.subarray(row * train.inputSize, (row + 1) * train.inputSize),
    ));
  };
}

/** Every prediction for the metric, of a run of this spec. */
export function overlaysOf(metric: string, spec: Spec): Overlay[] {
  const dataset = entry('dataset', spec.dataset.kind);
  const sizes = dataset.sizes(spec.dataset);
  const plan = sizes && planRun(spec, { ...sizes, targets: dataset.targets });
  const probe = plan ? probeOf(spec, plan) : () => null;
  return (Object.values(predictions) as readonly Prediction[])
    .filter((prediction) => prediction.metric === metric)
    .map(({ card: { name, title, about }, symbol, when, reads = [], unmet, expect }) => ({
      name,
      title,
      about,
      symbol,
      when,
      unmet: plan ? unmet(plan) : ['needs data whose size is known before files are read'],
      reads,
      expect: (step, start, rows = () => []) => (plan ? expect(plan, step, start, { rows, probe }) : null),
    }));
}
