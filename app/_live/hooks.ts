'use client';
/** @file React's side of the line: a value that is asked for once, a value that stays live, the state of the connection. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { connectionStore, request, RequestError, subscribe, type Connection } from './client.ts';

const unknown: Connection = { state: 'connecting', latencyMs: null };
export const useConnection = (): Connection => useSyncExternalStore(connectionStore.subscribe, connectionStore.get, () => unknown);

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
