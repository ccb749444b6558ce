'use client';
/** @file React's side of the line: a value that is asked for once, a value that stays live, the state of the connection. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { connectionStore, request, RequestError, subscribe, type Connection } from './client.ts';

/** A server that starts again is away for a few seconds; one that answers late for less. */
const blinkMs = 2_000;

const unknown: Connection = { state: 'connecting', latencyMs: null };
export const useConnection = (): Connection => useSyncExternalStore(connectionStore.subscribe, connectionStore.get, () => unknown);

/** What the server could not be told is over once it can be reached again. */
export function useWhenBack(back: () => void): void {
  const { state } = useConnection();
  const latest = useRef(back);
  latest.current = back;
  useEffect(() => {
    if (state === 'live') latest.current();
  }, [state]);
}

/** True once the line has been cut for longer than a blink: what is on the page may be old. */
export function useCut(): boolean {
  const { state } = useConnection();
  const [cut, setCut] = useState(false);
  const away = state !== 'live';
  useEffect(() => {
    if (!away) return setCut(false);
    const timer = setTimeout(() => setCut(true), blinkMs);
    return () => clearTimeout(timer);
  }, [away]);
  return cut;
}

export interface Loaded<T> {
  readonly data: T | null;
  readonly error: RequestError | null;
}
const nothing = { data: null, error: null } as const;

/** Asks once, and again when the variables change; the last answer stays until the next one is there. */
export function useRequest<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>(nothing);
  const key = JSON.stringify(variables);
  useEffect(() => {
    const abort = new AbortController();
    request<T>(query, JSON.parse(key) as Record<string, unknown>, abort.signal).then(
      (data) => setLoaded({ data, error: null }),
      (error: Error) => {
        if (!abort.signal.aborted)
          setLoaded(({ data }) => ({ data, error: error instanceof RequestError ? error : new RequestError(error.message) }));
      },
    );
    return () => abort.abort();
  }, [query, key]);
  return loaded;
}

/** The newest answer of a subscription. */
export function useLive<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>(nothing);
  const key = JSON.stringify(variables);
  useEffect(
    () =>
      subscribe<T>(
        query,
        JSON.parse(key) as Record<string, unknown>,
        (data) => setLoaded({ data, error: null }),
        (error) => setLoaded(({ data }) => ({ data, error })),
      ),
    [query, key],
  );
  return loaded;
}
