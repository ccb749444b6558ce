/** @file Papers and their claims as words, without the code that measures them: all that a page sends to the browser. */
import { papers } from '#core/papers/index.ts';
import type { Paper } from '#core/define.ts';
import { isTrained, type Budget, type Claim, type Finding, type Verdict } from '#core/papers/claim.ts';
import { findingFromJson } from '#core/papers/findingJson.ts';

/** A measurement that the maintainers have written down. */
export interface RecordedText {
  readonly verdict: Verdict;
  readonly budget: Budget;
  readonly seed: number;
  readonly seconds: number;
  readonly by: string;
}
export interface ClaimBrief {
  readonly name: string;
  readonly title: string;
  readonly recorded: RecordedText | null;
}
export interface ClaimText extends ClaimBrief, Omit<Claim, 'measure' | 'specs' | 'judge' | 'metrics' | 'title' | 'name'> {
  readonly trained: boolean;
  readonly found: Finding | null;
}
export interface PaperBrief<Of = ClaimBrief> {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly source: string;
  readonly formula: string;
  readonly place: number | null;
  readonly claims: readonly Of[];
}
export type PaperText = PaperBrief<ClaimText>;

function recordedOf(paper: Paper, { name }: Claim): RecordedText | null {
  const kept = paper.recorded[name];
  if (!kept) return null;
  const { verdict, budget, seed, seconds, by } = kept;
  return { verdict, budget: budget as Budget, seed, seconds, by };
}

const headOf = ({ card: { name, title, about, source, formula }, place }: Paper) => ({
  ...{ name, title, about, source, formula },
  place: place ?? null,
});
/** The five in their order, then the neighbours by name. */
const inOrder: readonly Paper[] = Object.values<Paper>(papers).toSorted((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity) || 0);

export const briefs: readonly PaperBrief[] = inOrder.map((paper) => ({
  ...headOf(paper),
  claims: paper.claims.map((claim) => ({ name: claim.name, title: claim.title, recorded: recordedOf(paper, claim) })),
}));

export function paperText(name: string): PaperText | null {
  const paper = inOrder.find(({ card }) => card.name === name);
  if (!paper) return null;
  return {
    ...headOf(paper),
    claims: paper.claims.map((claim) => {
      const { title, statement, formula, provenance, assumptions, recipe, discrepancy, example } = claim;
      const kept = paper.recorded[claim.name];
      return {
        ...{ name: claim.name, title, statement, formula, provenance, assumptions, recipe, example },
        ...(discrepancy === undefined ? {} : { discrepancy }),
        recorded: recordedOf(paper, claim),
        trained: isTrained(claim),
        found: kept ? findingFromJson(kept.finding) : null,
      };
    }),
  };
}
