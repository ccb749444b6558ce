'use client';
/** @file The facts of a run, kept fresh by its experiment's subscription. */
import Link from 'next/link';
import { useEffect, useState } from 'react';
import type { Metric } from '#core/define.ts';
import { metrics } from '#core/metrics/index.ts';
import type { Status } from '#core/protocol.ts';
import { RunCharts } from '../../_charts/RunCharts.tsx';
import { show } from '../../_charts/runs.ts';
import { sectionsOf } from '../../_charts/sections.ts';
import { request, subscribe, type RequestError } from '../../_live/client.ts';
import { useWhenBack } from '../../_live/hooks.ts';
import { Progress, StatusBadge } from '../../_ui/Status.tsx';
import { duration, RelativeTime } from '../../_ui/Time.tsx';
import { Trail } from '../../_ui/Trail.tsx';
import './run.css';
import { newExperimentLink } from '../../new/link.ts';
import { CopyBlock } from './CopyBlock.tsx';
import { RuntimeTable, type RuntimeRow } from './RuntimeTable.tsx';

interface Run {
  readonly id: string;
  readonly experimentId: string;
  readonly spec: Record<string, unknown>;
  readonly specHash: string;
  readonly label: string;
  readonly seed: number;
  readonly status: Status;
  readonly desired: string;
  readonly reason: string | null;
  readonly step: number;
  readonly steps: number;
  readonly attempt: number;
  readonly host: string | null;
  readonly runtime: string | null;
  readonly runtimeVersion: string | null;
  readonly device: string | null;
  readonly precision: string | null;
  readonly runtimeTable: readonly RuntimeRow[] | null;
  readonly parameters: number | null;
  readonly curvatureBatch: number | null;
  readonly curvatureShare: number | null;
  readonly stepsPerSecond: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly finals: Readonly<Record<string, number | string | null>> | null;
  readonly seams: readonly { step: number; attempt: number; reason: string; at: string }[];
  readonly log: readonly { at: string; level: string; text: string }[];
  readonly command: string;
}

const query = `query ($id: ID!) { run(id: $id) { id experimentId spec specHash label seed status desired reason step steps attempt host runtime runtimeVersion device
  precision runtimeTable parameters curvatureBatch curvatureShare stepsPerSecond createdAt startedAt endedAt finals seams { step attempt reason at } log { at level text } command } }`;

const changed = 'subscription ($id: ID!) { experimentChanged(id: $id) { id title updatedAt } }';

/** What a person can do next, by status. */
const next: Record<Status, string> = {
  queued: 'A worker takes it up as soon as one is free.',
  running: 'It trains now.',
  paused: 'Its checkpoint is kept. Resume continues from there.',
  stalled: 'Its worker has been silent. If it stays so, another worker continues from the last checkpoint.',
  diverged: 'The loss is no number any more. What was recorded is kept; a lower learning rate may help.',
  stopped: 'Someone stopped it. What was recorded is kept.',
  crashed: 'It was given up after several attempts. The log says why; what was recorded is kept.',
  finished: 'All steps are done.',
};

const allowed: Record<string, { label: string; mutation: string; when: readonly Status[] }> = {
  pause: { label: 'Pause', mutation: 'pauseRun', when: ['queued', 'running', 'stalled'] },
  resume: { label: 'Resume', mutation: 'resumeRun', when: ['paused'] },
  stop: { label: 'Stop', mutation: 'stopRun', when: ['queued', 'running', 'paused', 'stalled'] },
};

export function RunDetails({ id }: { id: string }) {
  const [run, setRun] = useState<Run | null>(null);
  const [missing, setMissing] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [experiment, setExperiment] = useState<string | null>(null);
  useWhenBack(() => setFault(null));
  const experimentId = run?.experimentId;

  useEffect(() => {
    request<{ run: Run | null }>(query, { id }).then(
      ({ run: found }) => (found ? setRun(found) : setMissing(true)),
      (error: RequestError) => setFault(error.message),
    );
  }, [id]);
  useEffect(() => {
    if (!experimentId) return;
    return subscribe<{ experimentChanged: { title: string } }>(changed, { id: experimentId }, ({ experimentChanged: { title } }) => {
      setExperiment(title);
      request<{ run: Run | null }>(query, { id }).then(
        ({ run: found }) => found && setRun(found),
        (error: RequestError) => setFault(error.message),
      );
    });
  }, [experimentId, id]);

  const name = run && `${run.label || 'Run'}, seed ${run.seed}`;
  useEffect(() => {
    if (name) document.title = `${name}${experiment ? ` · ${experiment}` : ''} · Plateau`;
  }, [name, experiment]);

  if (missing)
    return (
      <>
        <h1>No such run</h1>
        <p>
          It was deleted with its experiment, or the link is incomplete. <Link href="/">All experiments</Link>
        </p>
      </>
    );
  if (!run) return <p className="muted">{fault ?? 'Asking for the run'}</p>;
  const act = (mutation: string) => {
    setFault(null);
    return request(`mutation ($id: ID!) { ${mutation}(id: $id) { id } }`, { id }).catch((error: RequestError) => setFault(error.message));
  };
  const seconds = run.startedAt ? (Date.parse(run.endedAt ?? new Date().toISOString()) - Date.parse(run.startedAt)) / 1000 : null;
  const facts: [string, string | null][] = [
    ['Runtime', run.runtime && `${run.runtime} ${run.runtimeVersion ?? ''} on ${run.device}, ${run.precision}`],
    ['Host', run.host],
    ['Parameters', run.parameters?.toLocaleString('en') ?? null],
    ['Speed', run.stepsPerSecond ? `${run.stepsPerSecond.toFixed(0)} steps a second` : null],
    ['Time', seconds === null ? null : duration(seconds)],
    [
      'Curvature',
      run.curvatureShare === null ? null : `${(100 * run.curvatureShare).toFixed(0)}% of the wall time, batch of ${run.curvatureBatch}`,
    ],
    ['Attempt', String(run.attempt)],
    ['Spec hash', run.specHash],
  ];
  const places = sectionsOf(Object.keys(run.finals ?? {})).flatMap(({ charts, errors }) =>
    [...charts, ...errors].map(({ metric }) => metric),
  );
  const finals = Object.entries(run.finals ?? {}).sort(([a], [b]) => places.indexOf(a) - places.indexOf(b));
  return (
    <>
      <header className="stack">
        <Trail
          label="Where this run belongs"
          places={[
            { href: '/', text: 'Experiments' },
            { href: `/experiments/${run.experimentId}`, text: experiment ?? 'its experiment', title: experiment ?? undefined },
          ]}
        />
        <div className="head">
          <h1>{name}</h1>
          <div className="row">
            <Link className="button" href={newExperimentLink({ spec: run.spec, title: `${run.label || 'Run'}, again` })}>
              Change one thing
            </Link>
            {Object.entries(allowed)
              .filter(([, { when }]) => when.includes(run.status))
              .map(([name, { label, mutation }]) => (
                <button key={name} onClick={() => void act(mutation)}>
                  {label}
                </button>
              ))}
          </div>
        </div>
        <div className="row">
          <StatusBadge status={run.status} />
          <span className="muted">
            step {run.step.toLocaleString('en')} of {run.steps.toLocaleString('en')}
          </span>
          <RelativeTime at={run.createdAt} />
        </div>
        {allowed.stop!.when.includes(run.status) && <Progress value={run.steps > 0 ? run.step / run.steps : 0} label="progress" />}
        <p className="prose">
          {run.reason && run.status !== 'finished' && `${run.reason[0]!.toUpperCase()}${run.reason.slice(1)}. `}
          <span className="muted">{next[run.status]}</span>
        </p>
        {fault && <p className="fault">{fault}</p>}
      </header>
      <div className="run-charts">
        <RunCharts runId={id} />
      </div>
      <section className="run-facts">
        <div className="card stack">
          <h2>Facts</h2>
          <dl className="facts">
            {facts
              .filter(([, value]) => value !== null)
              .map(([word, value]) => (
                <Fact key={word} word={word} value={value!} />
              ))}
          </dl>
        </div>
        <div className="card stack">
          <h2>Log</h2>
          {run.log.length === 0 ? (
            <p className="muted">Nothing yet.</p>
          ) : (
            <pre className="block" tabIndex={0}>
              {run.log.map(({ at, level, text }) => `${at.slice(11, 19)} ${level.padEnd(5)} ${text}`).join('\n')}
            </pre>
          )}
        </div>
        {finals.length > 0 && (
          <div className="card stack full">
            <h2>Last values</h2>
            <dl className="facts finals">
              {finals.map(([word, value]) => (
                <div key={word}>
                  <Fact word={titleOf(word)} value={typeof value === 'number' ? show(value) : String(value)} />
                </div>
              ))}
            </dl>
          </div>
        )}
        <div className="card stack">
          <h2>Repeat it</h2>
          <CopyBlock label="the command" text={run.command} />
        </div>
        <div className="card stack">
          <h2>Spec</h2>
          <CopyBlock label="the spec" text={JSON.stringify(run.spec, null, 2)} />
        </div>
        <div className="card stack full">
          <h2>Which runtime, and why</h2>
          {run.runtimeTable ? (
            <RuntimeTable rows={run.runtimeTable} />
          ) : (
            <p className="muted">Chosen when the run starts, by timing its own program on everything that loads.</p>
          )}
        </div>
        {run.seams.length > 0 && (
          <div className="card stack full">
            <h2>Seams</h2>
            <ul className="stack small" style={{ margin: 0, paddingLeft: 16, gap: 4 }}>
              {run.seams.map(({ step, attempt, reason, at }) => (
                <li key={attempt}>
                  Attempt {attempt} continues at step {step.toLocaleString('en')}: {reason} <RelativeTime at={at} />
                </li>
              ))}
            </ul>
          </div>
        )}
      </section>
    </>
  );
}

/** Metrics by their titles, as the charts call them; of eigenvalues the first is kept. */
function titleOf(name: string): string {
  if (!(name in metrics)) return name;
  const { card, axes } = metrics[name as keyof typeof metrics] as Metric;
  return axes[0] === 'eigenvalue' ? `${card.title}, λ₁` : card.title;
}

function Fact({ word, value }: { word: string; value: string }) {
  return (
    <>
      <dt>{word}</dt>
      <dd className={word === 'Spec hash' ? 'mono' : undefined}>{value}</dd>
    </>
  );
}
