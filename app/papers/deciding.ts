/** @file Which number decides a verdict, and whether each by itself agrees. */
import type { Estimate, Finding, Verdict } from '#core/papers/claim.ts';
import { verdictOf } from '#core/papers/claim.ts';

export const agrees = (estimate: Estimate): Verdict => verdictOf({ estimates: [estimate], curves: [] });

/** By how many of its own widths an interval reaches into its window, negative outside; what has no width is told apart by its window's. */
function reach({ value, interval: [low, high], window: [from, to] }: Estimate): number {
  const scale = Number.isFinite(to - from) ? to - from : Math.abs(value);
  return Math.min(high - from, to - low) / (high - low + 1e-6 * scale || 1);
}

/** The one outside, or not known, or nearest to its window's ends; null where nothing was estimated. */
export function decidingOf(finding: Finding): Estimate | null {
  const verdict = verdictOf(finding);
  const wanted = finding.estimates.filter((estimate) => agrees(estimate) === verdict);
  return wanted.toSorted((a, b) => reach(a) - reach(b))[0] ?? null;
}
