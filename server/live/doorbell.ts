/** @file The doorbell of one process: watches on keys. A ring between two waits is not lost; closing wakes and removes. */
export interface Watch {
  /** Resolves once the key was rung since the last `next`, the signal aborts, the watch is closed or the time is up. Never rejects. */
  next(options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<void>;
  close(): void;
}

export interface Doorbell {
  watch(key: string): Watch;
  ring(key: string): void;
  /** After a gap in which rings may have been missed. */
  ringAll(): void;
  /** Open watches, for tests of leaks. */
  watching(): number;
}

export function createDoorbell(): Doorbell {
  const watches = new Map<string, Set<() => void>>();

  function watch(key: string): Watch {
    let rung = false;
    let wake: (() => void) | null = null;
    const hear = () => {
      rung = true;
      wake?.();
    };
    const set = watches.get(key) ?? new Set();
    watches.set(key, set.add(hear));
    return {
      async next({ signal, timeoutMs } = {}) {
        if (!rung && !signal?.aborted) {
          await new Promise<void>((resolve) => {
            const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
            wake = () => {
              clearTimeout(timer);
              signal?.removeEventListener('abort', wake!);
              resolve();
            };
            signal?.addEventListener('abort', wake, { once: true });
          });
          if (wake) signal?.removeEventListener('abort', wake);
          wake = null;
        }
        rung = false;
      },
      close() {
        set.delete(hear);
        if (set.size === 0 && watches.get(key) === set) watches.delete(key);
        wake?.();
      },
    };
  }

  const ringOne = (key: string) => {
    for (const hear of [...(watches.get(key) ?? [])]) hear();
  };
  return {
    watch,
    ring(key) {
      ringOne(key);
      if (key.startsWith('experiment:')) ringOne('experiments');
    },
    ringAll() {
      for (const key of [...watches.keys()]) ringOne(key);
    },
    watching: () => [...watches.values()].reduce((sum, set) => sum + set.size, 0),
  };
}
