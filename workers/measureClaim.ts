/** @file Measures one claim from beginning to end: draws its numbers, or trains its runs in this process. */
import { isTrained, judgedSoFar, type Budget, type Claim, type Finding } from '#core/papers/claim.ts';

/**
 * @param tell is given the share that is done, and what a claim that draws its numbers has found so far
 * @throws where a run of the claim crashed: its reason
 */
export async function measureClaim(
  claim: Claim,
  budget: Budget,
  seed: number,
  tell: (share: number, finding?: Finding) => void = () => {},
): Promise<Finding> {
  if (isTrained(claim)) {
    const { trainClaim } = await import('./trainClaim.ts'); // loads native libraries
    const specs = claim.specs(budget, seed);
    const results = await trainClaim(specs, claim.metrics, tell);
    const crashed = results.find(({ status }) => status === 'crashed');
    if (crashed) throw new Error(`a run of ${claim.name} crashed: ${crashed.reason}`);
    return judgedSoFar(claim, results, specs.length, seed);
  }
  const work = claim.measure(budget, seed);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (typeof value === 'number') tell(value);
    else tell(value.share, value.finding);
  }
}
