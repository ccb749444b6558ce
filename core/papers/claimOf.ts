/** @file A claim of the papers, found by the names of both. */
import type { Paper } from '../define.ts';
import type { Claim } from './claim.ts';
import { papers } from './index.ts';

/** Null for a paper or a claim that nobody knows. */
export function claimOf(paper: string, claim: string): Claim | null {
  const all: readonly Paper[] = Object.values(papers);
  return all.find(({ card }) => card.name === paper)?.claims.find(({ name }) => name === claim) ?? null;
}
