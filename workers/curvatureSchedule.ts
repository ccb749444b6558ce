/** @file When to measure curvature: at stated steps, or whenever it has used less than its share of the wall time. */

export interface CurvatureSchedule {
  /** Should the next measurement happen now, at this step? */
  due(step: number): boolean;
  /** Training took `ms`; keeps the account. */
  trained(ms: number): void;
  /** A measurement took `ms`, of which `compiling` will not come again. */
  measured(ms: number, compiling?: number): void;
  /** Share of the wall time that went into it so far, compiling and all, 0…1. */
  share(): number;
}

/**
 * With a number for `every` the steps are fixed and a run repeats byte for byte. With `auto` the next measurement waits until it fits
 * into the share: spent + next ≤ share · (total + next), the next one taken as the mean so far. The initialization (step 0) is always measured, and
 * so are the weights that a run ends with, which tables show, unless the share is 0; compiling happens once. In a run of a few seconds they are
 * more than the share, which `share()` says.
 *
 * @param share of the wall time, 0…1
 * @param last the step that the run ends with
 */
export function createCurvatureSchedule({ share, every }: { share: number; every: number | 'auto' }, last: number): CurvatureSchedule {
  let training = 0;
  let curvature = 0;
  let opening = 0;
  let measurements = 0;
  return {
    due(step) {
      if (every !== 'auto') return step % every === 0;
      const next = curvature / Math.max(measurements, 1);
      return step === 0 || (step === last && share > 0) || curvature + next <= share * (training + curvature + next);
    },
    trained(ms) {
      training += ms;
    },
    measured(ms, compiling = 0) {
      curvature += ms - compiling;
      opening += compiling;
      measurements++;
    },
    share: () => (curvature + opening > 0 ? (curvature + opening) / (training + curvature + opening) : 0),
  };
}
