/** @file For the tests of claims that train: a fault planted in their recipe. */
import type { TrainedClaim, Verdict } from '#core/papers/claim.ts';
import { verdictOf } from '#core/papers/claim.ts';
import { parseSpec } from '#core/spec.ts';
import { trainClaim } from '../trainClaim.ts';

export type Recipe = Readonly<Record<string, unknown>>;

/** The verdict on the tiny recipe, trained with something else in its specs and judged as if it were not there. */
export async function verdictWith(claim: TrainedClaim, change: (recipe: Recipe) => Recipe): Promise<Verdict> {
  const recipes = claim.specs('tiny', 1);
  const runs = await trainClaim(
    recipes.map((recipe) => ({ ...recipe, ...change(recipe) })),
    claim.metrics,
  );
  const crashed = runs.find(({ status }) => status === 'crashed');
  if (crashed) throw new Error(`a run crashed, which is no verdict: ${crashed.reason}`);
  return verdictOf(
    claim.judge(
      runs.map((run, i) => ({ ...run, spec: parseSpec(recipes[i]) })),
      1,
    ),
  );
}
