/** @file The task on which weight noise does harm: inputs in a subspace, and test inputs with noise outside of it. Every arm trains twice alike; the noise is measured once. */
import type { Options } from '../../define.ts';
import { lastRow, rowAt, type RunResult } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { byArm, leanOver, meanOver } from '../arms.ts';
import type { Curve, Estimate } from '../claim.ts';

export interface Arm {
  readonly title: string;
  readonly optimizer: Readonly<Record<string, string | number>>;
  readonly regularizer: Readonly<Record<string, string | number>>;
}
export const offSpanMetrics = ['heldOutAccuracy', 'weightNoiseNorm', 'weightNoiseFraction'] as const;

/** @param shift deviation of the noise outside the span of the training inputs, in the held-out set alone: training does not see it */
export function offSpanSpec({ optimizer, regularizer }: Omit<Arm, 'title'>, shift: 0 | 1, steps: number, seed: number) {
  const fields = leanOver(steps);
  return {
    network: { kind: 'mlpChain', depth: 2, width: 32, normalization: 'batchNorm' },
    dataset: { kind: 'lowRank', classes: 4, inputs: 40, rank: 10, radius: 5, labelNoise: 0.2, train: 1_000, heldOut: 2_000, shift, seed },
    optimizer,
    regularizer,
    batchSize: 100,
    seed,
    ...fields,
    metrics: { ...fields.metrics, samples: shift === 0 ? steps : 'never', probeSize: 96 },
  };
}

/** What an arm came to, seed by seed. */
export interface Outcome {
  readonly clean: ReadonlyMap<number, number>;
  readonly off: ReadonlyMap<number, number>;
  /** Norm of the first layer's weight noise at the end over that at the start. */
  readonly left: ReadonlyMap<number, number>;
  /** Its share of the first kernel, of squares. */
  readonly share: ReadonlyMap<number, number>;
}

/** What tells arms apart: kinds, learning rate, coefficient. */
const keyOf = (optimizer: Options | Arm['optimizer'], regularizer: Options | Arm['regularizer']): string =>
  [optimizer.kind, optimizer.learningRate, regularizer.kind, regularizer.coefficient ?? ''].join(' ');

/** Outcomes in the order of the arms; empty maps where no run has come to its end. */
export function outcomes(arms: readonly Arm[], runs: readonly RunResult[]): Outcome[] {
  const groups = byArm(runs, ({ spec }) => keyOf(spec.optimizer, spec.regularizer));
  return arms.map((arm) => {
    const all = groups.get(keyOf(arm.optimizer, arm.regularizer)) ?? [];
    const bySeed = (shift: number, value: (run: RunResult) => number | undefined) =>
      new Map(all.filter(({ spec }) => spec.dataset.shift === shift).map((run) => [run.spec.seed, value(run) ?? NaN]));
    const accuracy = (run: RunResult) => lastRow(run.series('heldOutAccuracy'))?.[0];
    return {
      clean: bySeed(0, accuracy),
      off: bySeed(1, accuracy),
      left: bySeed(
        0,
        (run) => (lastRow(run.series('weightNoiseNorm'))?.[0] ?? NaN) / (rowAt(run.series('weightNoiseNorm'), 0)?.[0] ?? NaN),
      ),
      share: bySeed(0, (run) => lastRow(run.series('weightNoiseFraction'))?.[0]),
    };
  });
}

/** Mean over the seeds that both have of the first minus the second. */
export function pairedGain(
  name: string,
  first: ReadonlyMap<number, number> | undefined,
  second: ReadonlyMap<number, number> | undefined,
  predicted: number,
  window: readonly [number, number],
  seed: number,
): Estimate {
  const gains = [...(first ?? [])].flatMap(([of, value]) => (second?.has(of) ? [value - second.get(of)!] : []));
  return meanOver(name, gains, predicted, window, seed);
}

/** Accuracy of every arm against the share of noise in its first kernel. */
export const accuracyCurves = (arms: readonly Arm[], found: readonly Outcome[]): Curve[] =>
  (['off', 'clean'] as const).map((kind) => ({
    figure: 'Accuracy by weight noise',
    title: kind === 'off' ? 'test inputs with noise outside the span' : 'clean test inputs',
    x: 'share of weight noise in the first layer',
    y: 'held-out accuracy',
    points: arms
      .flatMap((_, i) =>
        found[i]![kind].size > 0 && found[i]!.share.size > 0
          ? [{ x: mean([...found[i]!.share.values()]), y: mean([...found[i]![kind].values()]), predicted: null }]
          : [],
      )
      .sort((a, b) => a.x - b.x),
  }));
