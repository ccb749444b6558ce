'use client';
/** @file An experiment: its question, what differs, the charts, the notes beside them, the runs below. */
import { useEffect, useMemo, useState } from 'react';
import '../../_charts/charts.css';
import { Readout } from '../../_charts/Crosshair.tsx';
import { groupsOf, mayGrow, type Group } from '../../_charts/runs.ts';
import { ViewBar } from '../../_charts/ViewBar.tsx';
import { useView, ViewProvider } from '../../_charts/view.tsx';
import { Notes } from '../../_annotations/Notes.tsx';
import { useNotes } from '../../_annotations/useNotes.ts';
import { request } from '../../_live/client.ts';
import { useLive } from '../../_live/hooks.ts';
import { Board } from './Board.tsx';
import { Head } from './Head.tsx';
import { RunsTable } from './RunsTable.tsx';
import { experimentQuery, type Experiment } from './types.ts';

export function ExperimentPage({ id }: { id: string }) {
  const { data, error } = useLive<{ experimentChanged: Experiment }>(experimentQuery, { id });
  const [missing, setMissing] = useState(false);
  const experiment = data?.experimentChanged ?? null;
  useEffect(() => {
    request<{ experiment: { id: string } | null }>('query ($id: ID!) { experiment(id: $id) { id } }', { id }).then(
      ({ experiment: found }) => setMissing(!found),
      console.error,
    );
  }, [id]);
  useEffect(() => {
    if (experiment) document.title = `${experiment.title} · Plateau`;
  }, [experiment]);
  if (missing)
    return (
      <div className="page">
        <h1>No such experiment</h1>
        <p>It was deleted, or the link is incomplete. The list of experiments has what there is.</p>
        <p>
          <a href="/">All experiments</a>
        </p>
      </div>
    );
  if (!experiment)
    return (
      <div className="page">{error ? <p className="fault">{error.message}</p> : <p className="muted">Asking for the experiment.</p>}</div>
    );
  return <Loaded experiment={experiment} />;
}

function Loaded({ experiment }: { experiment: Experiment }) {
  const { id, runs } = experiment;
  // Runs change with every step; the charts are drawn from what does not: who is there, what they record, whether rows may come.
  const key = JSON.stringify(runs.map((run) => [run.id, mayGrow(run), run.metrics.length, run.curvatureBatch, run.layers?.length]));
  const groups = useMemo(() => (key ? groupsOf(runs) : []), [key]);
  const lastStep = Math.max(1, ...runs.map(({ steps }) => steps)) - 1;
  const notes = useNotes(id, lastStep);
  const live = runs.some(mayGrow);
  return (
    <div className="page">
      <Head experiment={experiment} />
      <ViewProvider pick={notes.pick} marks={notes.marks} openMark={notes.open}>
        <div className="viewed">
          <ViewBar live={live} />
          <div className="experiment">
            <Compared groups={groups} />
            <Notes notes={notes} />
          </div>
        </div>
        <RunsTable experimentId={id} runs={runs} groups={groups} />
        <Readout />
      </ViewProvider>
    </div>
  );
}

/** The charts of the chosen runs, or of all. */
function Compared({ groups }: { groups: readonly Group[] }) {
  const { view } = useView();
  const shown = useMemo(() => {
    if (view.runs.length === 0) return groups;
    const kept = groups.map((group) => ({ ...group, runs: group.runs.filter(({ id }) => view.runs.includes(id)) }));
    return kept.filter(({ runs }) => runs.length > 0);
  }, [groups, view.runs]);
  return <Board groups={shown.length > 0 ? shown : groups} />;
}
