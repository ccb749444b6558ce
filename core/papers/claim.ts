/** @file What a claim of a paper is here: words, a recipe that measures it, a window in which the measurement counts as agreement, a verdict. */
import { rng } from '../rng.ts';
import { median, quantile } from '../statistics.ts';

/** `quick`: all claims together in minutes on two cores; `full`: the paper's own sizes. */
export type Budget = 'quick' | 'full';
export type Verdict = 'reproduced' | 'contradicted' | 'inconclusive';

/** One number the claim stands or falls with. */
export interface Estimate {
  readonly name: string;
  readonly value: number;
  /** 95%, by resampling the draws. */
  readonly interval: readonly [low: number, high: number];
  /** What the theory says, exactly. */
  readonly predicted: number;
  /** Agreement: the interval meets this window. */
  readonly window: readonly [low: number, high: number];
}

/** Measured points beside a predicted curve. */
export interface Curve {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly predicted: number | null }[];
}
export interface Finding {
  readonly estimates: readonly Estimate[];
  readonly curves: readonly Curve[];
}

export interface Claim {
  readonly name: string;
  readonly title: string;
  /** In a sentence or two, as the page says it. */
  readonly statement: string;
  /** In LaTeX. */
  readonly formula: string;
  /** Who says so: the paper itself, a derivation of ours, or our reading where the paper's text was not at hand. */
  readonly provenance: 'paper' | 'derived' | 'our choice';
  readonly assumptions: readonly string[];
  /** What is drawn, how often, and what counts as agreement. */
  readonly recipe: string;
  /** Yields the share that is done; returns what was found. Pure: the same seed gives the same numbers. */
  measure(budget: Budget, seed: number): Generator<number, Finding>;
}

/** Reproduced: every interval meets its window. Contradicted: one lies outside. Inconclusive: a number could not be measured. */
export function verdictOf({ estimates }: Finding): Verdict {
  if (estimates.length === 0 || estimates.some(({ interval }) => interval.some(Number.isNaN))) return 'inconclusive';
  const meets = ({ interval, window }: Estimate) => interval[0] <= window[1] && interval[1] >= window[0];
  return estimates.every(meets) ? 'reproduced' : 'contradicted';
}

/** A claim from beginning to end, for tests and terminals that do not care for progress. */
export function measured(claim: Claim, budget: Budget = 'quick', seed = 1): Finding {
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

/** Least-squares slope of y against x. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [x, y].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length) as [number, number];
  const along = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return along / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

/** Slope of the groups' medians against x, with its interval. */
export const slopeOfMedians = (x: readonly number[], groups: readonly (readonly number[])[], seed: number) =>
  bootstrap(groups, (all) => slope(x, all.map(median)), seed);
