/** @file What a claim of a paper is here: words, a recipe that measures it, a window in which the measurement counts as agreement, a verdict. */
import { hasEnded, type RunResult } from '../results.ts';
import { rng } from '../rng.ts';
import { median, quantile } from '../statistics.ts';

/** `tiny`: seconds, for the tests; `quick`: all claims together in minutes on two cores; `full`: the paper's own sizes. */
export const budgets = ['tiny', 'quick', 'full'] as const;
export type Budget = (typeof budgets)[number];
export type Verdict = 'reproduced' | 'contradicted' | 'inconclusive';

/** One number the claim stands or falls with. */
export interface Estimate {
  readonly name: string;
  readonly value: number;
  /** 95%, by resampling the draws or the seeds; NaN while it cannot be known. */
  readonly interval: readonly [low: number, high: number];
  /** What the theory says, exactly. */
  readonly predicted: number;
  /** Agreement: the interval meets this window. */
  readonly window: readonly [low: number, high: number];
}

/** Measured points beside a predicted curve. */
export interface Curve {
  /** Curves of one figure are drawn on the same axes, each labelled with its title; without one a curve is a figure of its own. */
  readonly figure?: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly log?: { readonly x?: boolean; readonly y?: boolean };
  /** The prediction's symbol, as it stands on its line, in LaTeX. */
  readonly law?: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly interval?: readonly [low: number, high: number];
    readonly predicted: number | null;
  }[];
}
export interface Finding {
  readonly estimates: readonly Estimate[];
  readonly curves: readonly Curve[];
}

interface ClaimText {
  readonly name: string;
  readonly title: string;
  /** In a sentence or two, as the page says it. */
  readonly statement: string;
  /** In LaTeX. */
  readonly formula: string;
  /** Who says so: the paper itself, a derivation of ours, or our reading where the paper's text was not at hand. */
  readonly provenance: 'paper' | 'derived' | 'our choice';
  readonly assumptions: readonly string[];
  /** What is drawn or trained, how often, and what counts as agreement. */
  readonly recipe: string;
  /** Where the paper and our measurement disagree, or its versions do: both are said; and what the measurement cannot tell. */
  readonly discrepancy?: string;
  /** A spec to change one thing of: the claim's recipe, or a run that shows what it is about. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** How far a measurement is, 0 to 1, with what was found so far where that can be drawn. */
export type Progress = number | { readonly share: number; readonly finding: Finding };

/** The points that are there before the end, for whoever watches; no number is estimated from a part of the draws. */
export const drawnSoFar = (share: number, curves: readonly Curve[]): Progress => ({
  share,
  finding: { estimates: [], curves: curves.filter(({ points }) => points.length > 0) },
});

/** Draws its numbers itself. Pure: the same budget and seed give the same finding. */
export interface SimulatedClaim extends ClaimText {
  measure(budget: Budget, seed: number): Generator<Progress, Finding>;
}

/** Looks at runs, which train like any others. */
export interface TrainedClaim extends ClaimText {
  /** Each is a spec as a person would write it; no two are equal. */
  specs(budget: Budget, seed: number): readonly Readonly<Record<string, unknown>>[];
  /** All that `judge` reads. */
  readonly metrics: readonly string[];
  /** Also of a part of the runs, while they land: an estimate that cannot be made yet has an interval of NaN. Does not throw. */
  judge(runs: readonly RunResult[], seed: number): Finding;
}
export type Claim = SimulatedClaim | TrainedClaim;

export const isTrained = (claim: Claim): claim is TrainedClaim => 'specs' in claim;

/** Reproduced: every interval meets its window. Contradicted: one lies outside. Inconclusive: a number could not be measured. */
export function verdictOf({ estimates }: Finding): Verdict {
  if (estimates.length === 0 || estimates.some(({ interval }) => interval.some(Number.isNaN))) return 'inconclusive';
  const meets = ({ interval, window }: Estimate) => interval[0] <= window[1] && interval[1] >= window[0];
  return estimates.every(meets) ? 'reproduced' : 'contradicted';
}

/**
 * What a claim says of its runs, or of those that are there so far. No verdict stands on a part of them: until as many as were wanted have
 * ended, no interval is known, whatever the claim makes of the rest.
 */
export function judgedSoFar(claim: TrainedClaim, runs: readonly RunResult[], wanted: number, seed: number): Finding {
  const finding = claim.judge(runs, seed);
  const complete = runs.length >= wanted && runs.every(hasEnded);
  if (complete) return finding;
  return { ...finding, estimates: finding.estimates.map((estimate) => ({ ...estimate, interval: [NaN, NaN] })) };
}

/** A simulated claim from beginning to end, for tests and terminals that do not care for progress. */
export function measured(claim: SimulatedClaim, budget: Budget = 'quick', seed = 1): Finding {
  const work = claim.measure(budget, seed);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

const resamples = 200;

/** Value and 95% interval of a statistic over groups of draws, each group resampled by itself. */
export function bootstrap(
  groups: readonly (readonly number[])[],
  statistic: (groups: readonly (readonly number[])[]) => number,
  seed: number,
): { readonly value: number; readonly interval: readonly [number, number] } {
  const random = rng(seed, 'probe');
  const again = () => groups.map((draws) => draws.map(() => draws[random.integer(draws.length)]!));
  const values = Array.from({ length: resamples }, () => statistic(again()));
  return { value: statistic(groups), interval: [quantile(values, 0.025), quantile(values, 0.975)] };
}

/** Where nothing is drawn at random an estimate is its own interval. */
export const exact = (name: string, value: number, predicted: number, window: readonly [number, number]): Estimate => ({
  name,
  value,
  interval: [value, value],
  predicted,
  window,
});

/** Least-squares slope of y against x. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [x, y].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length) as [number, number];
  const along = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return along / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

/** Slope of the groups' medians against x, with its interval. */
export const slopeOfMedians = (x: readonly number[], groups: readonly (readonly number[])[], seed: number) =>
  bootstrap(groups, (all) => slope(x, all.map(median)), seed);
