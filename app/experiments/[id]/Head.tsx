'use client';
/** @file The head of an experiment: title, question, what differs, how far it is, and the three things one can do to it. */
import Link from 'next/link';
import { useCallback, useMemo, useState } from 'react';
import { differingFields } from '#core/sweep.ts';
import { Text } from '../../_annotations/Markdown.tsx';
import { valueName } from '../../_charts/runs.ts';
import { request, type RequestError } from '../../_live/client.ts';
import { useWhenBack } from '../../_live/hooks.ts';
import { useCommands } from '../../_ui/commands.ts';
import { Progress, StatusBadge } from '../../_ui/Status.tsx';
import { duration, RelativeTime } from '../../_ui/Time.tsx';
import { newExperimentLink } from '../../new/link.ts';
import { secondsLeft, type Experiment } from './types.ts';

export function Head({ experiment }: { experiment: Experiment }) {
  const { id, title, question, grid, status, counts, progress, runs, createdAt, author } = experiment;
  const [fault, setFault] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  useWhenBack(() => setFault(null));
  const count = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const open = count('queued', 'running', 'stalled');
  const paused = count('paused');
  const left = secondsLeft(runs);
  const act = useCallback(
    (mutation: string) => {
      setAsked(mutation);
      setFault(null);
      request(`mutation ($id: ID!) { ${mutation}(id: $id) { id } }`, { id })
        .catch((error: RequestError) => setFault(error.message))
        .finally(() => setAsked(null));
    },
    [id],
  );
  useCommands(
    useMemo(() => {
      const ask = (mutation: string, word: string) => ({
        id: mutation,
        title: `${word} this experiment`,
        section: 'Experiment',
        run: () => act(mutation),
      });
      return [
        ...(open > 0 ? [ask('pauseExperiment', 'Pause')] : []),
        ...(paused > 0 ? [ask('resumeExperiment', 'Resume')] : []),
        ...(open + paused > 0 ? [ask('stopExperiment', 'Stop')] : []),
      ];
    }, [open, paused, act]),
  );
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const again = newExperimentLink({
    spec: { ...runs[0]?.spec }, // the grid says what varies
    grid: grid ?? (seeds.length > 1 ? [{ path: 'seed', values: seeds }] : []),
    title: `${title}, again`,
    question,
  });
  const fields = runs.length > 1 ? differingFields(runs.map(({ spec }) => spec)) : [];
  return (
    <section className="stack">
      <div className="head">
        <h1>{title}</h1>
        <div className="row">
          <Link className="button" href={again}>
            Change one thing
          </Link>
          {open > 0 && (
            <button type="button" disabled={asked !== null} onClick={() => act('pauseExperiment')}>
              Pause
            </button>
          )}
          {paused > 0 && (
            <button type="button" className="primary" disabled={asked !== null} onClick={() => act('resumeExperiment')}>
              Resume
            </button>
          )}
          {open + paused > 0 && (
            <button type="button" disabled={asked !== null} onClick={() => act('stopExperiment')}>
              Stop
            </button>
          )}
        </div>
      </div>
      {question && (
        <div className="prose question">
          <Text>{question}</Text>
        </div>
      )}
      <div className="row">
        {fields.map(({ path, values }) => {
          const words = [...new Set(values.map(valueName))];
          return (
            <span key={path} className="chip">
              {path} ∈ {'{'}
              {words.slice(0, 8).join(', ')}
              {words.length > 8 ? ', …' : ''}
              {'}'}
            </span>
          );
        })}
      </div>
      <div className="row" data-testid="experiment-status">
        <StatusBadge status={status} />
        <span className="muted small">
          {runs.length === 1 ? '1 run' : `${count('finished')} of ${runs.length} runs finished`}
          {runs.length > 1 &&
            (['running', 'queued', 'paused', 'stalled', 'diverged', 'stopped', 'crashed'] as const).map((name) =>
              counts[name] ? ` · ${counts[name]} ${name}` : '',
            )}
          {progress < 1 && ` · ${Math.round(progress * 100)}%`}
          {left !== null && ` · ${duration(left)} left`}
        </span>
        <span className="muted small">
          {author?.name ? `${author.name}, ` : ''}
          <RelativeTime at={createdAt} />
        </span>
      </div>
      {/* its place stays when it is done: what lies below must not jump under a hand */}
      {progress < 1 ? (
        <Progress value={progress} label={`progress of ${title}`} />
      ) : (
        <div className="bar" style={{ visibility: 'hidden' }} />
      )}
      {fault && <p className="fault">{fault}</p>}
    </section>
  );
}
