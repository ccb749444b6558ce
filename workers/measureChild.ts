/** @file The process in which one claim is measured: asked once by a message, answers with progress and the finding, ends. */
import type { Budget } from '#core/papers/claim.ts';
import { claimOf } from '#core/papers/claimOf.ts';
import { findingToJson } from '#core/papers/findingJson.ts';
import { measureClaim } from './measureClaim.ts';

/** What the parent asks. */
export interface Measurement {
  readonly paper: string;
  readonly claim: string;
  readonly budget: Budget;
  readonly seed: number;
}
/** Findings as JSON (core/papers/findingJson.ts). */
export type Said =
  { readonly share: number; readonly finding?: unknown } | { readonly done: true; readonly finding: unknown } | { readonly error: string };

const everyMs = 200;

if (import.meta.main) {
  process.once('disconnect', () => process.exit()); // nobody listens any more
  process.once('message', (message) => {
    const { paper, claim, budget, seed } = message as Measurement;
    const say = (said: Said) => process.send!(said);
    let spokeAt = 0;
    let held: unknown; // a finding waits for the next word that may be said
    const asked = claimOf(paper, claim);
    if (!asked) throw new RangeError(`unknown claim: ${paper} ${claim}`);
    measureClaim(asked, budget, seed, (share, finding) => {
      if (finding) held = findingToJson(finding);
      if (performance.now() - spokeAt < everyMs) return;
      spokeAt = performance.now();
      say(held === undefined ? { share } : { share, finding: held });
      held = undefined;
    })
      .then(
        (finding) => say({ done: true, finding: findingToJson(finding) }),
        (error: Error) => say({ error: error.message }),
      )
      .finally(() => process.disconnect());
  });
}
