'use client';
/** @file The board: a row per paper with a mark per claim, live; the five first, then their neighbours. */
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { useLive } from '../_live/hooks.ts';
import { Words } from '../_ui/Words.tsx';
import { findingsLive, type FindingBrief } from './documents.ts';
import { countsOf, standOf, type Stand } from './standing.ts';
import type { ClaimBrief, PaperBrief } from './texts.ts';
import { VerdictMark, type Standing } from './Verdict.tsx';

type Stands = Readonly<Record<string, readonly Stand[]>>;

export function Board({ papers }: { papers: readonly PaperBrief[] }) {
  const [stands, setStands] = useState<Stands>(() =>
    Object.fromEntries(papers.map(({ name, claims }) => [name, claims.map((claim) => standOf(claim, []))])),
  );
  const all = Object.values(stands).flat();
  const here = all.filter((stand) => stand.here).length;
  const sections = [
    { title: 'Five papers', list: papers.filter(({ place }) => place !== null) },
    { title: 'Neighbours', list: papers.filter(({ place }) => place === null) },
  ];
  return (
    <>
      <div className="stack" style={{ gap: 8 }}>
        <h1>Papers</h1>
        <p className="prose">
          Claims about how networks train, each as a recipe that measures it, a prediction, and a window in which the measurement counts as
          agreement. Open a paper to read it and to measure its claims on this machine.
        </p>
        <p className="paper-counts" data-testid="counts">
          <Counts standings={all.map(({ standing }) => standing)} />
          <span className="muted">
            {all.length} claims, {here} measured on this server{here < all.length ? '; the others as the maintainers recorded them' : ''}
          </span>
        </p>
      </div>
      {sections
        .filter(({ list }) => list.length > 0)
        .map(({ title, list }) => (
          <section key={title} className="stack" aria-label={title}>
            <h2>{title}</h2>
            <ul className="papers">
              {list.map((paper) => (
                <Row key={paper.name} paper={paper} stands={stands[paper.name]!} setStands={setStands} />
              ))}
            </ul>
          </section>
        ))}
      <p className="muted small paper-legend">
        {(['reproduced', 'contradicted', 'inconclusive', 'not measured'] as const).map((standing) => (
          <span key={standing}>
            <VerdictMark standing={standing} size={14} /> {standing}
          </span>
        ))}
        <span>A filled mark was measured on this server, an open one is the maintainers’.</span>
      </p>
    </>
  );
}

function Counts({ standings }: { standings: readonly Standing[] }) {
  return countsOf(standings).map(({ standing, count }) => (
    <span key={standing} className="verdict" data-verdict={standing}>
      <VerdictMark standing={standing} />
      {count} {standing}
    </span>
  ));
}

function Row({
  paper: { name, title, source, about, place, claims },
  stands,
  setStands,
}: {
  paper: PaperBrief;
  stands: readonly Stand[];
  setStands: (change: (stands: Stands) => Stands) => void;
}) {
  const { data } = useLive<{ findingsChanged: readonly FindingBrief[] }>(findingsLive, { paper: name });
  useEffect(() => {
    if (data) setStands((known) => ({ ...known, [name]: claims.map((claim) => standOf(claim, data.findingsChanged)) }));
  }, [data, name, claims, setStands]);
  return (
    <li className="paper-row">
      <span className="paper-place mono" aria-hidden={place === null}>
        {place === null ? '' : `P${place}`}
      </span>
      <div className="stack" style={{ gap: 2 }}>
        <h3>
          <Link href={`/papers/${name}`}>{title}</Link>
        </h3>
        <p className="muted small">{source}</p>
      </div>
      <p className="paper-about">
        <Words>{about}</Words>
      </p>
      <div className="paper-standing">
        <ul className="marks" aria-label={`Claims of ${source}`}>
          {claims.map((claim, i) => (
            <Mark key={claim.name} href={`/papers/${name}#${claim.name}`} claim={claim} stand={stands[i]!} />
          ))}
        </ul>
        <p className="small muted">
          {countsOf(stands.map(({ standing }) => standing))
            .map(({ standing, count }) => `${count} ${standing}`)
            .join(' · ')}
        </p>
      </div>
    </li>
  );
}

/** What it says is said on hover and on focus, and to those who hear the page always. */
function Mark({ href, claim, stand: { standing, here } }: { href: string; claim: ClaimBrief; stand: Stand }) {
  const from = here
    ? `measured on this server, budget ${here.budget}, seed ${here.seed}`
    : claim.recorded
      ? `recorded by the maintainers, budget ${claim.recorded.budget}`
      : 'nobody has measured it yet';
  return (
    <li>
      <Link href={href} className="mark-link" data-here={here !== null || undefined} data-verdict={standing}>
        <VerdictMark standing={standing} size={20} />
        <span className="mark-words">
          <b>{claim.title}</b>
          <span>
            {standing}: {from}
          </span>
        </span>
      </Link>
    </li>
  );
}
