'use client';
/** @file What one can do with a claim: measure it, stop, change one thing of it, open the runs, copy the link. */
import Link from 'next/link';
import { useState } from 'react';
import { request, type RequestError } from '../../_live/client.ts';
import { Progress } from '../../_ui/Status.tsx';
import { duration } from '../../_ui/Time.tsx';
import { newExperimentLink } from '../../new/link.ts';
import { measureClaim, stopFinding, type FindingBrief } from '../documents.ts';
import type { ClaimText } from '../texts.ts';

const mostSeed = 0xffffffff;

export function Measure({
  paper,
  claim,
  measuring,
  experiment,
}: {
  paper: string;
  claim: ClaimText;
  measuring: FindingBrief | null;
  /** Of the measurement shown. */
  experiment: string | null;
}) {
  const [budget, setBudget] = useState<'quick' | 'full'>('quick');
  const [seed, setSeed] = useState('1');
  const [asked, setAsked] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [copied, setCopied] = useState<string | null>(null);
  const wrong = !/^\d+$/.test(seed) || Number(seed) > mostSeed;
  const ask = (mutation: string, variables: Readonly<Record<string, unknown>>) => {
    setAsked(true);
    setFault(null);
    request(mutation, variables)
      .catch((refused: RequestError) => setFault(refused.message))
      .finally(() => setAsked(false));
  };
  const copy = () => {
    const url = `${location.origin}${location.pathname}#${claim.name}`;
    history.replaceState(history.state, '', `${location.pathname}${location.search}#${claim.name}`);
    navigator.clipboard.writeText(url).then(
      () => setCopied('link copied'),
      () => setCopied('the browser did not allow copying; the address bar holds the link'),
    );
    setTimeout(() => setCopied(null), 2_500);
  };
  const fork = newExperimentLink({
    spec: claim.example,
    grid: [{ path: 'seed', values: [1, 2, 3] }],
    title: `${claim.title}, one thing changed`,
    question: claim.statement,
  });
  return (
    <div className="stack unprinted" style={{ gap: 8 }}>
      {measuring ? (
        <div className="measuring" role="group" aria-label="Measurement going on">
          <Progress value={measuring.share} label={`measuring ${claim.title}`} />
          <p className="small muted">
            measuring, {measuring.budget}, seed {measuring.seed}: {Math.round(100 * measuring.share)}%
            {measuring.secondsLeft === null
              ? measuring.share === 0
                ? ', waiting for its turn or begun just now'
                : ''
              : `, ${duration(measuring.secondsLeft)} left`}
          </p>
          <button type="button" disabled={asked} onClick={() => ask(stopFinding, { id: measuring.id })}>
            Stop
          </button>
        </div>
      ) : null}
      <div className="row">
        {!measuring && (
          <>
            <button
              type="button"
              className="primary"
              disabled={asked || wrong}
              onClick={() => ask(measureClaim, { paper, claim: claim.name, budget, seed: Number(seed) })}
            >
              Measure
            </button>
            <select aria-label="Budget" value={budget} onChange={(event) => setBudget(event.target.value as 'quick' | 'full')}>
              <option value="quick">
                quick
                {claim.recorded?.budget === 'quick'
                  ? `, ${claim.recorded.seconds < 1 ? '' : 'about '}${duration(claim.recorded.seconds)}`
                  : ''}
              </option>
              <option value="full">full, the paper’s sizes</option>
            </select>
            <label className="row small" style={{ gap: 4 }}>
              seed
              <input
                aria-invalid={wrong}
                className={wrong ? 'invalid' : ''}
                value={seed}
                inputMode="numeric"
                size={5}
                onChange={(event) => setSeed(event.target.value)}
              />
            </label>
          </>
        )}
        <Link className="button" href={fork}>
          Change one thing
        </Link>
        {experiment && (
          <Link className="button" href={`/experiments/${experiment}`}>
            Open experiment
          </Link>
        )}
        <button type="button" className="quiet" onClick={copy}>
          Link to this claim
        </button>
        {copied && (
          <span className="muted small" role="status">
            {copied}
          </span>
        )}
      </div>
      {wrong && (
        <p className="fault">
          the seed is a whole number from 0 to {mostSeed}, got {seed || 'nothing'}
        </p>
      )}
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}
