/** @file Where a claim stands: by the newest measurement on this server, else by what the maintainers recorded. */
import type { FindingBrief } from './documents.ts';
import type { ClaimBrief } from './texts.ts';
import type { Standing } from './Verdict.tsx';

export interface Stand {
  readonly standing: Standing;
  /** The newest on this server that came to a verdict. */
  readonly here: FindingBrief | null;
  readonly measuring: FindingBrief | null;
}

/** `findings`: of the claim's paper, newest first. A tiny measurement is for the tests and decides nothing. */
export function standOf({ name, recorded }: ClaimBrief, findings: readonly FindingBrief[]): Stand {
  const own = findings.filter(({ claim }) => claim === name);
  const measuring = own.find(({ state }) => state === 'measuring') ?? null;
  const here = own.find(({ state, budget }) => state === 'measured' && budget !== 'tiny') ?? null;
  return { standing: measuring ? 'measuring' : (here?.verdict ?? recorded?.verdict ?? 'not measured'), here, measuring };
}

/** How many stand where, in a fixed order, without zeros. */
export function countsOf(standings: readonly Standing[]): { readonly standing: Standing; readonly count: number }[] {
  const order: readonly Standing[] = ['reproduced', 'contradicted', 'inconclusive', 'measuring', 'not measured'];
  return order
    .map((standing) => ({ standing, count: standings.filter((each) => each === standing).length }))
    .filter(({ count }) => count > 0);
}
