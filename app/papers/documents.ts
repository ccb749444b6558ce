/** @file What the pages of papers ask the server, and the shapes of its answers. */
import type { Budget, Verdict } from '#core/papers/claim.ts';
import type { FindingState } from '#core/protocol.ts';

/** A measurement on this server, without its numbers. */
export interface FindingBrief {
  readonly id: string;
  readonly claim: string;
  readonly budget: Budget;
  readonly seed: number;
  readonly state: FindingState;
  readonly share: number;
  readonly secondsLeft: number | null;
  readonly verdict: Verdict | null;
  readonly reason: string | null;
  readonly by: string;
  readonly seconds: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly experimentId: string | null;
}
/** Its numbers, as JSON has them. */
export interface FindingNumbers {
  readonly finding: unknown;
  readonly experiment: { readonly counts: Readonly<Record<string, number>> } | null;
}

export const findingsLive = `subscription ($paper: String!) { findingsChanged(paper: $paper) {
  id claim budget seed state share secondsLeft verdict reason by seconds startedAt endedAt experimentId } }`;
export const findingNumbers = 'query ($id: ID!) { finding(id: $id) { finding experiment { counts } } }';
export const measureClaim = `mutation ($paper: String!, $claim: String!, $budget: Budget!, $seed: Float!) {
  measureClaim(paper: $paper, claim: $claim, budget: $budget, seed: $seed) { id } }`;
export const stopFinding = 'mutation ($id: ID!) { stopFinding(id: $id) { id } }';
