'use client';
/** @file The notes of an experiment, live; which one is open, and what place the next one will be about. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { metrics } from '#core/metrics/index.ts';
import { inText } from '../_charts/runs.ts';
import type { Mark, Picked } from '../_charts/view.tsx';
import { request } from '../_live/client.ts';
import { useLive } from '../_live/hooks.ts';

interface Person {
  readonly id: string;
  readonly name: string | null;
}
export interface Comment {
  readonly id: string;
  readonly author: Person;
  readonly body: string;
  readonly createdAt: string;
  readonly editedAt: string | null;
}
export interface Note extends Comment {
  readonly runId: string | null;
  readonly metric: string;
  readonly anchor: Readonly<Record<string, unknown>>;
  readonly resolved: boolean;
  readonly resolvedBy: Person | null;
  readonly comments: readonly Comment[];
}
const query = `subscription ($id: ID!) { annotationsChanged(experimentId: $id) { id runId metric anchor body createdAt editedAt resolved
  author { id name } resolvedBy { id name } comments { id body createdAt editedAt author { id name } } } }`;

/** "gradient norm, layers 2 to 5" */
export function placeName({ metric, anchor }: Picked): string {
  const title = metric in metrics ? inText(metrics[metric as keyof typeof metrics].card.title) : metric;
  const count = (value: unknown) => Number(value).toLocaleString('en');
  if (anchor.kind === 'point')
    return `${title}, step ${count(anchor.step)}${anchor.layer === undefined ? '' : `, layer ${String(anchor.layer)}`}`;
  if (anchor.kind === 'interval') return `${title}, steps ${count(anchor.fromStep)} to ${count(anchor.toStep)}`;
  return `${title}, layers ${String(anchor.fromLayer)} to ${String(anchor.toLayer)}`;
}

export interface NotesState {
  readonly experimentId: string;
  readonly notes: readonly Note[];
  readonly loading: boolean;
  readonly opened: string | null;
  readonly picked: Picked;
  /** Whether `picked` was chosen on a chart; else it is the whole loss curve. */
  readonly chosen: boolean;
  readonly pick: (picked: Picked | null) => void;
  readonly open: (id: string | null) => void;
  readonly marks: readonly Mark[];
  readonly act: (mutation: string, types: string, variables: Record<string, unknown>) => Promise<void>;
}

export function useNotes(experimentId: string, lastStep: number): NotesState {
  const { data } = useLive<{ annotationsChanged: readonly Note[] }>(query, { id: experimentId });
  const [opened, setOpened] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Picked | null>(null);
  const notes = useMemo(() => data?.annotationsChanged ?? [], [data]);
  useEffect(() => setOpened(new URLSearchParams(location.search).get('note')), []);
  const open = useCallback((id: string | null) => {
    setOpened(id);
    const url = new URL(location.href);
    if (id) url.searchParams.set('note', id);
    else url.searchParams.delete('note');
    history.replaceState(history.state, '', url);
  }, []);
  const pick = useCallback(
    (picked: Picked | null) =>
      setChosen(
        picked?.anchor.kind === 'interval' && picked.anchor.toStep === undefined
          ? { ...picked, anchor: { ...picked.anchor, toStep: lastStep } }
          : picked,
      ),
    [lastStep],
  );
  const marks = useMemo(
    () =>
      notes
        .filter(({ resolved }) => !resolved)
        .map(({ id, metric, runId, anchor, body }) => ({ id, metric, runId, anchor, title: body.slice(0, 80) })),
    [notes],
  );
  const act = useCallback(async (mutation: string, types: string, variables: Record<string, unknown>) => {
    const names = Object.keys(variables);
    await request(
      `mutation (${types}) { ${mutation}(${names.map((name) => `${name}: $${name}`).join(', ')})${mutation.startsWith('delete') ? '' : ' { id }'} }`,
      variables,
    );
  }, []);
  const picked = chosen ?? { metric: 'loss', anchor: { kind: 'interval', fromStep: 0, toStep: lastStep } };
  return { experimentId, notes, loading: data === null, opened, picked, chosen: chosen !== null, pick, open, marks, act };
}
