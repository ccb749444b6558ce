'use client';
/** @file One claim of a paper: what is said and by whom, how it is measured, what was found, and where that leaves it. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { verdictOf, type Finding } from '#core/papers/claim.ts';
import { ClaimFigure } from '../../_charts/ClaimFigure.tsx';
import { figuresOf, type Figure } from '../../_charts/claimTraces.ts';
import { FormulaLine } from '../../_ui/Formula.tsx';
import { Words } from '../../_ui/Words.tsx';
import { duration } from '../../_ui/Time.tsx';
import { decidingOf } from '../deciding.ts';
import type { FindingBrief } from '../documents.ts';
import { say, sayInterval, sayWindow } from '../../_ui/numbers.ts';
import type { Stand } from '../standing.ts';
import type { ClaimText } from '../texts.ts';
import { VerdictBadge } from '../Verdict.tsx';
import { Estimates } from './Estimates.tsx';
import { Measure } from './Measure.tsx';
import { useNumbers } from './useNumbers.ts';

const provenances = {
  paper: 'The paper says it.',
  derived: 'Derived here from the paper’s setting, and checked in numbers; the paper need not put it this way.',
  'our choice': 'Our reading: the paper’s text was not at hand, so the statement, the recipe and the window are ours.',
} as const;

interface Shown {
  readonly finding: Finding;
  /** While it is being measured. */
  readonly partial: boolean;
  /** Budget, seed, what computed and when, how long it took. */
  readonly facts: string;
  readonly experiment: string | null;
}

const day = (at: string): string => new Date(at).toISOString().slice(0, 10);
const factsOf = ({ budget, seed, by, startedAt, seconds, state }: FindingBrief, runs: number | null): string =>
  [
    runs === null ? '' : `n = ${runs} ${runs === 1 ? 'run' : 'runs'}`,
    `budget ${budget}`,
    `seed ${seed}`,
    by,
    `measured on this server ${day(startedAt)}`,
    state === 'measuring' ? 'so far' : `took ${duration(seconds)}`,
  ]
    .filter(Boolean)
    .join(' · ');

export function ClaimSection({
  paper,
  source,
  claim,
  number,
  stand: { standing, here, measuring },
  findings,
}: {
  paper: string;
  source: string;
  claim: ClaimText;
  number: number;
  stand: Stand;
  findings: readonly FindingBrief[];
}) {
  const { name, title, statement, formula, provenance, assumptions, recipe, discrepancy, recorded, found } = claim;
  /** What the reader chose to see; null is the newest. */
  const [picked, setPicked] = useState<string | null>(null);
  const own = findings.filter((finding) => finding.claim === name);
  const measured = own.filter(({ state }) => state === 'measured');
  const kept = picked === 'recorded' ? null : (measured.find(({ id }) => id === picked) ?? here);
  const live = useNumbers(measuring);
  const old = useNumbers(kept);
  const shown: Shown | null = useMemo(() => {
    if (measuring && live?.finding && picked === null)
      return { finding: live.finding, partial: true, facts: factsOf(measuring, live.runs), experiment: measuring.experimentId };
    const until = measuring && picked === null ? 'until the first new points come: ' : '';
    if (kept && old?.finding)
      return { finding: old.finding, partial: false, facts: until + factsOf(kept, old.runs), experiment: kept.experimentId };
    if (!recorded || !found) return null;
    const { budget, seed, by, seconds } = recorded;
    const facts = `${until}budget ${budget} · seed ${seed} · recorded by the maintainers · ${by} · took ${duration(seconds)}`;
    return { finding: found, partial: false, facts, experiment: null };
  }, [measuring, live, kept, old, recorded, found, picked]);
  const last = own[0];
  return (
    <section id={name} className="claim" aria-labelledby={`${name}-title`}>
      <header className="claim-head">
        <h2 id={`${name}-title`}>
          <span className="muted">{number}</span> {title}
        </h2>
        <VerdictBadge standing={standing} />
      </header>
      <p className="prose">
        <Words>{statement}</Words>
      </p>
      <FormulaLine tex={formula} />
      <dl className="claim-facts">
        <dt>Source</dt>
        <dd>
          {source}. {provenances[provenance]}
        </dd>
        <dt>Assumptions</dt>
        <dd>
          <ul>
            {assumptions.map((assumption) => (
              <li key={assumption}>
                <Words>{assumption}</Words>
              </li>
            ))}
          </ul>
        </dd>
        <dt>Recipe</dt>
        <dd>
          <Words>{recipe}</Words>
        </dd>
      </dl>
      {shown ? (
        <Found id={name} shown={shown} />
      ) : (
        <p className="empty">Nobody has measured it yet. Its figure appears here, point by point, once you press Measure.</p>
      )}
      {discrepancy && (
        <div className="discrepancy" role="note">
          <h3>
            {(here?.verdict ?? recorded?.verdict) === 'contradicted'
              ? 'Where the paper and our measurement disagree'
              : 'What differs from the paper, and limits of what is measured'}
          </h3>
          <p>
            <Words>{discrepancy}</Words>
          </p>
        </div>
      )}
      {here?.verdict && recorded && here.verdict !== recorded.verdict && (
        <p className="discrepancy">
          Here it came out {here.verdict} (budget {here.budget}, seed {here.seed}); the maintainers recorded {recorded.verdict} (budget{' '}
          {recorded.budget}, seed {recorded.seed}).
        </p>
      )}
      {last && (last.state === 'failed' || last.state === 'stopped') && (
        <p className={last.state === 'failed' ? 'fault' : 'muted small'}>
          The last measurement {last.state === 'failed' ? 'failed' : 'was stopped'}
          {last.state === 'failed' && last.reason ? `: ${last.reason}` : '.'}
        </p>
      )}
      {measured.length > 0 && (
        <label className="row small unprinted">
          Shown
          <select value={picked ?? ''} onChange={(event) => setPicked(event.target.value || null)}>
            <option value="">the newest</option>
            {measured.map(({ id, budget, seed, startedAt, verdict }) => (
              <option key={id} value={id}>
                {budget}, seed {seed}, {startedAt.slice(0, 16).replace('T', ' ')} UTC: {verdict}
              </option>
            ))}
            {recorded && <option value="recorded">as the maintainers recorded it: {recorded.verdict}</option>}
          </select>
        </label>
      )}
      <Measure paper={paper} claim={claim} measuring={measuring} experiment={shown?.experiment ?? measuring?.experimentId ?? null} />
    </section>
  );
}

const captionOf = ({ curves }: Figure): string => {
  const n = curves.reduce((sum, { points }) => sum + points.length, 0);
  return `n = ${n} ${n === 1 ? 'point' : 'points'}`;
};

function Found({ id, shown: { finding, partial, facts } }: { id: string; shown: Shown }) {
  const { estimates } = finding;
  const verdict = partial ? null : verdictOf(finding);
  const figures = useMemo(() => figuresOf(finding.curves, finding.estimates), [finding]);
  const deciding = decidingOf(finding);
  // points come before numbers: until those do, their room stays, and what lies below does not jump under a hand
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  useEffect(() => {
    if (!partial) setRoom(box.current!.offsetHeight);
  }, [partial, finding]);
  return (
    <div ref={box} className="stack" style={partial ? { minHeight: room } : undefined}>
      <div className="figures">
        {figures.map((figure, i) => (
          <ClaimFigure key={`${figure.title} ${i}`} id={`${id}-${i + 1}`} figure={figure} verdict={verdict} caption={captionOf(figure)} />
        ))}
      </div>
      <p className="muted small">{facts}</p>
      {estimates.length > 0 && <Estimates estimates={estimates} deciding={deciding} partial={partial} />}
      {verdict && deciding && (
        <p className="deciding" data-testid={`verdict-${id}`}>
          <VerdictBadge standing={verdict} />
          <span>
            {estimates.length > 1 &&
              (verdict === 'reproduced' ? 'All intervals meet their windows; the one nearest to an end: ' : 'It turns on one number: ')}
            <Words>{deciding.name}</Words> is {say(deciding.value)}
            {deciding.interval[0] === deciding.interval[1] ? ', exactly' : `, 95% interval ${sayInterval(deciding.interval)}`}; allowed is{' '}
            {sayWindow(deciding.window)}
            {Number.isNaN(deciding.predicted) ? '' : `, predicted ${say(deciding.predicted)}`}.
          </span>
        </p>
      )}
    </div>
  );
}
