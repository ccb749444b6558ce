'use client';
/** @file What the server says of runs, asked again when they advance, but not more often than every two seconds. */
import { useEffect, useRef, useState } from 'react';
import { request } from '../_live/client.ts';

export interface Found {
  readonly name: string;
  readonly title: string;
  readonly severity: 'fault' | 'note';
}
export interface Diagnosed extends Found {
  readonly source: string;
  readonly paper: string | null;
  readonly words: string;
  readonly layers: readonly number[];
  readonly fromStep: number;
  readonly toStep: number;
  readonly metrics: readonly string[];
  readonly remedies: readonly { readonly words: string; readonly spec: Record<string, unknown> }[];
}
const restMs = 2_000;

/** The newest answer; asks when `state` changes, the last change never unheard, and lets an answer on its way arrive. */
function useAsked<T>(query: string, id: string, state: string): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  const asked = useRef({ at: 0, count: 0, shown: 0 });
  useEffect(() => {
    const now = asked.current;
    const ask = () => {
      now.at = Date.now();
      const turn = ++now.count;
      const show = (data: T) => {
        if (turn < now.shown) return; // a later one was faster
        now.shown = turn;
        setAnswer(data);
      };
      request<T>(query, { id }).then(show, console.error);
    };
    const timer = setTimeout(ask, Math.max(0, now.at + restMs - Date.now()));
    return () => clearTimeout(timer);
  }, [query, id, state]);
  return answer;
}

const runQuery = `query ($id: ID!) { run(id: $id) { diagnoses { name title severity source paper words layers fromStep toStep metrics remedies { words spec } } } }`;
const experimentQuery = 'query ($id: ID!) { experiment(id: $id) { runs { id diagnoses { name title severity } } } }';

/** @param state changes when the run advances */
export const useDiagnoses = (runId: string, state: string): readonly Diagnosed[] | null =>
  useAsked<{ run: { diagnoses: readonly Diagnosed[] } | null }>(runQuery, runId, state)?.run?.diagnoses ?? null;

/** Of all runs of an experiment, by run. */
export function useFound(experimentId: string, state: string): ReadonlyMap<string, readonly Found[]> {
  const answer = useAsked<{ experiment: { runs: readonly { id: string; diagnoses: readonly Found[] }[] } | null }>(
    experimentQuery,
    experimentId,
    state,
  );
  return new Map((answer?.experiment?.runs ?? []).map(({ id, diagnoses }) => [id, diagnoses]));
}
