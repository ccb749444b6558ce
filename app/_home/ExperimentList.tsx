'use client';
/** @file Every experiment with its status, progress and loss; a filter; and the demonstration where there is none yet. */
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState } from 'react';
import { request, type RequestError } from '../_live/client.ts';
import { createExperiment, experimentFields, presetsQuery, type ExperimentBrief, type PresetAnswer } from '../_live/documents.ts';
import { useLive, useRequest } from '../_live/hooks.ts';
import { useCommands } from '../_ui/commands.ts';
import { plain } from '../_ui/plain.ts';
import { Sparkline } from '../_ui/Sparkline.tsx';
import { Progress, StatusBadge } from '../_ui/Status.tsx';
import { RelativeTime } from '../_ui/Time.tsx';

const newest = `subscription { experimentsChanged { ${experimentFields} } }`;
const found = `query ($filter: String, $after: String) { experiments(filter: $filter, after: $after) { ${experimentFields} } }`;
const pageSize = 50;

export function ExperimentList() {
  const [filter, setFilter] = useState('');
  const [older, setOlder] = useState<readonly ExperimentBrief[]>([]);
  const live = useLive<{ experimentsChanged: ExperimentBrief[] }>(newest);
  const searched = useRequest<{ experiments: ExperimentBrief[] }>(found, { filter });
  const box = useRef<HTMLInputElement>(null);

  const list = useRef<HTMLDivElement>(null);
  useCommands(
    useMemo(() => {
      const move = (by: number) => {
        const rows = [...(list.current?.querySelectorAll('a') ?? [])];
        const now = rows.indexOf(document.activeElement as HTMLAnchorElement);
        rows[now < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, now + by))]?.focus();
      };
      const section = 'Experiments';
      return [
        { id: 'filter', title: 'Filter experiments', section, keys: '/', run: () => box.current?.focus() },
        { id: 'next row', title: 'Next experiment', section, keys: 'j', onlyKeys: true, run: () => move(1) },
        { id: 'previous row', title: 'Previous experiment', section, keys: 'k', onlyKeys: true, run: () => move(-1) },
      ];
    }, []),
  );
  useEffect(() => setOlder([]), [filter]);

  const fresh = new Map(live.data?.experimentsChanged.map((experiment) => [experiment.id, experiment]));
  const first =
    filter === '' ? (live.data?.experimentsChanged ?? searched.data?.experiments ?? null) : (searched.data?.experiments ?? null);
  const shown = first && [...first, ...older].map((experiment) => fresh.get(experiment.id) ?? experiment);
  const error = live.error ?? searched.error;

  const more = () =>
    void request<{ experiments: ExperimentBrief[] }>(found, { filter, after: shown!.at(-1)!.id }).then(
      ({ experiments }) => setOlder([...older, ...experiments]),
      console.error,
    );

  if (shown && shown.length === 0 && filter === '') return <Empty />;
  return (
    <section className="stack" aria-label="Experiments" style={{ gap: 16 }}>
      <div className="row between">
        <h1>Experiments</h1>
        <div className="row filter">
          <input
            ref={box}
            type="search"
            placeholder="Filter by title or question"
            aria-label="Filter"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
          <kbd>/</kbd>
          <Link className="button primary" href="/new">
            New experiment
          </Link>
        </div>
      </div>
      {error && <p className="fault">{error.message}</p>}
      {shown === null ? (
        <p className="muted">Asking for the experiments of this server</p>
      ) : shown.length === 0 ? (
        <p className="muted">No title or question contains “{filter}”.</p>
      ) : (
        <div className="list" ref={list}>
          {shown.map((experiment) => (
            <Item key={experiment.id} experiment={experiment} />
          ))}
        </div>
      )}
      {shown && shown.length >= pageSize && shown.length % pageSize === 0 && (
        <div>
          <button onClick={more}>Show older experiments</button>
        </div>
      )}
    </section>
  );
}

function Item({ experiment }: { experiment: ExperimentBrief }) {
  const { id, title, question, createdAt, status, counts, progress, runs, annotationsCount } = experiment;
  const latest = runs.find((run) => run.status === 'running') ?? runs.find((run) => run.sparkline.length > 1) ?? runs[0];
  const done = runs.filter((run) => ['finished', 'diverged', 'stopped', 'crashed'].includes(run.status)).length;
  return (
    <Link href={`/experiments/${id}`}>
      <div style={{ minWidth: 0 }}>
        <div className="list-title">{title}</div>
        <div className="muted small list-question">{plain(question)}</div>
      </div>
      <div className="stack" style={{ gap: 4 }}>
        <StatusBadge status={status} />
        {progress < 1 && <Progress value={progress} label={`${title}: progress`} />}
        <span
          className="muted small"
          title={Object.entries(counts)
            .map(([word, count]) => `${count} ${word}`)
            .join(', ')}
        >
          {runs.length === 1 ? '1 run' : `${done} of ${runs.length} runs done`}
        </span>
      </div>
      <div className="wide">
        {latest && <Sparkline values={latest.sparkline} label={`loss of ${latest.label || 'the run'}, seed ${latest.seed}`} />}
      </div>
      <div className="wide" style={{ textAlign: 'right' }}>
        <RelativeTime at={createdAt} />
        {annotationsCount > 0 && <div className="muted small">{annotationsCount === 1 ? '1 note' : `${annotationsCount} notes`}</div>}
      </div>
    </Link>
  );
}

/** Nothing here yet: one button that shows what this is for. */
function Empty() {
  const router = useRouter();
  const { data, error } = useRequest<{ presets: PresetAnswer[] }>(presetsQuery);
  const [fault, setFault] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const demonstration = data?.presets[0];
  const start = () => {
    const { title, question, spec, grid } = demonstration!;
    setStarting(true);
    request<{ createExperiment: { id: string } }>(createExperiment, { input: { title, question, spec, grid } }).then(
      ({ createExperiment: { id } }) => router.push(`/experiments/${id}`),
      (refused: RequestError) => {
        setFault(refused.message);
        setStarting(false);
      },
    );
  };
  return (
    <section className="empty" aria-label="Start here">
      <h1>No experiments yet</h1>
      <p className="prose muted">
        The demonstration trains the same batch-norm network nine times: with weight decay, with weight rescaling and with neither, from the
        same three seeds. It takes a few minutes here, and every layer is drawn while it trains.
      </p>
      <div className="row">
        <button className="primary" disabled={!demonstration || starting} onClick={start}>
          {starting ? 'Starting the demonstration' : 'Start the demonstration'}
        </button>
        <Link className="button" href="/new">
          Design an experiment
        </Link>
      </div>
      {(fault ?? error) && <p className="fault">{fault ?? error!.message}</p>}
    </section>
  );
}
