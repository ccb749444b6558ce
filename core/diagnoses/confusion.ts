/** @file What the diagnoses found in runs of known condition, counted. */
import type { Condition } from './injections.ts';
import measured from './confusion.json' with { type: 'json' };

/** One run of the grid. */
export interface Examined {
  readonly condition: string;
  /** The spec in a few words. */
  readonly run: string;
  readonly seed: number;
  readonly found: readonly string[];
}

/** One diagnosis over all runs. */
export interface Score {
  readonly name: string;
  /** Runs in which it was injected, and in how many of them it was found. */
  readonly injected: number;
  readonly found: number;
  /** Runs in which nothing calls for it, and in how many of them it was found all the same. */
  readonly absent: number;
  readonly falseAlarms: number;
}

export const scores = (names: readonly string[], conditions: readonly Condition[], runs: readonly Examined[]): Score[] =>
  names.map((name) => {
    const has = ({ found }: Examined) => found.includes(name);
    const may = new Set(
      conditions.filter((condition) => condition.name === name || condition.alongside.includes(name)).map((each) => each.name),
    );
    const own = runs.filter(({ condition }) => condition === name);
    const absent = runs.filter(({ condition }) => !may.has(condition));
    return { name, injected: own.length, found: own.filter(has).length, absent: absent.length, falseAlarms: absent.filter(has).length };
  });

/** Runs of a condition, and in how many of them each diagnosis was found. */
export const countsOf = (condition: string, names: readonly string[], runs: readonly Examined[]) => {
  const own = runs.filter((run) => run.condition === condition);
  return { runs: own.length, found: names.map((name) => own.filter(({ found }) => found.includes(name)).length) };
};

/** What `plateau diagnose --matrix --record` wrote down. */
export const recordedRuns: readonly Examined[] = measured.runs;
