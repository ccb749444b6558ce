'use client';
/** @file A paper as an article: what it is about, then claim by claim; what is measured on this server is followed live. */
import Link from 'next/link';
import { useCallback, useMemo, useState } from 'react';
import '../../_charts/charts.css';
import { useChartKeys } from '../../_charts/chartKeys.ts';
import { ViewProvider } from '../../_charts/view.tsx';
import { request, type RequestError } from '../../_live/client.ts';
import { useLive } from '../../_live/hooks.ts';
import { useCommands } from '../../_ui/commands.ts';
import { FormulaLine } from '../../_ui/Formula.tsx';
import { Words } from '../../_ui/Words.tsx';
import { findingsLive, measureClaim, type FindingBrief } from '../documents.ts';
import { countsOf, standOf } from '../standing.ts';
import type { PaperText } from '../texts.ts';
import { VerdictMark } from '../Verdict.tsx';
import { ClaimSection } from './ClaimSection.tsx';

const none: readonly FindingBrief[] = [];

export function Article({ paper }: { paper: PaperText }) {
  const { name, title, source, about, formula, claims } = paper;
  const { data, error } = useLive<{ findingsChanged: readonly FindingBrief[] }>(findingsLive, { paper: name });
  const findings = data?.findingsChanged ?? none;
  const [fault, setFault] = useState<string | null>(null);
  useChartKeys(false);
  const stands = claims.map((claim) => standOf(claim, findings));
  const standings = stands.map(({ standing }) => standing);
  const measureAll = useCallback(() => {
    setFault(null);
    for (const { name: claim } of claims)
      request(measureClaim, { paper: name, claim, budget: 'quick', seed: 1 }).catch((refused: RequestError) => setFault(refused.message));
  }, [claims, name]);
  useCommands(
    useMemo(
      () => [
        { id: 'measureAll', title: 'Measure all claims of this paper', section: 'Paper', run: measureAll },
        { id: 'print', title: 'Print this paper', section: 'Paper', run: () => window.print() },
        ...claims.map((claim) => ({
          id: `claim ${claim.name}`,
          title: claim.title,
          section: 'Claims',
          run: () => document.getElementById(claim.name)?.scrollIntoView(),
        })),
      ],
      [claims, measureAll],
    ),
  );
  return (
    <ViewProvider eager>
      <div className="paper-page">
        <nav className="paper-toc" aria-label="Claims of this paper">
          <Link href="/papers" className="muted">
            All papers
          </Link>
          <ol>
            {claims.map((claim, i) => (
              <li key={claim.name}>
                <a href={`#${claim.name}`}>
                  <VerdictMark standing={standings[i]!} size={14} />
                  <span>
                    {claim.title}
                    <span className="unseen">, {standings[i]}</span>
                  </span>
                </a>
              </li>
            ))}
          </ol>
        </nav>
        <article className="article">
          <header className="stack">
            <h1>{title}</h1>
            <p className="muted">{source}</p>
            <p className="prose">
              <Words>{about}</Words>
            </p>
            <FormulaLine tex={formula} />
            <p className="paper-counts">
              {countsOf(standings).map(({ standing, count }) => (
                <span key={standing} className="verdict" data-verdict={standing}>
                  <VerdictMark standing={standing} />
                  {count} {standing}
                </span>
              ))}
            </p>
            <div className="row unprinted">
              {claims.length > 1 && (
                <button type="button" onClick={measureAll}>
                  Measure all {claims.length} claims, quick
                </button>
              )}
              <button type="button" onClick={() => window.print()}>
                Print
              </button>
            </div>
            {(fault ?? error) && (
              <p className="fault" role="alert">
                {fault ?? error?.message}
              </p>
            )}
          </header>
          {claims.map((claim, i) => (
            <ClaimSection
              key={claim.name}
              paper={name}
              source={source}
              claim={claim}
              number={i + 1}
              stand={stands[i]!}
              findings={findings}
            />
          ))}
        </article>
      </div>
    </ViewProvider>
  );
}
