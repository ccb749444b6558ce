/** @file A pulse: the rings of one key, thinned out in time and shared by everyone who follows it, so that they all read together. */
import type { Doorbell } from './doorbell.ts';

export interface Pulse {
  /** The beat count now; take it before reading. */
  beat(): number;
  /** Resolves once there was a beat after `seen`, or the signal aborts. */
  after(seen: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

export function createPulses(bell: Doorbell, everyMs: number) {
  const pulses = new Map<string, { join(): Pulse }>();
  /** Over all keys, so that a key that is left and joined again never counts back. */
  let beats = 0;

  function start(key: string) {
    const watch = bell.watch(key);
    const stop = new AbortController();
    let followers = 0;
    let count = ++beats;
    const waiting = new Set<() => void>();
    const run = async () => {
      while (!stop.signal.aborted) {
        await watch.next({ signal: stop.signal });
        count = ++beats;
        for (const wake of [...waiting]) wake();
        // The first ring after a quiet time passes at once; those that follow are gathered.
        if (!stop.signal.aborted) await new Promise<void>((resolve) => setTimeout(resolve, everyMs).unref());
      }
    };
    void run();
    return {
      join(): Pulse {
        followers++;
        let left = false;
        return {
          beat: () => count,
          after(seen, signal) {
            if (count > seen || signal.aborted) return Promise.resolve();
            return new Promise((resolve) => {
              const wake = () => {
                waiting.delete(wake);
                signal.removeEventListener('abort', wake);
                resolve();
              };
              waiting.add(wake);
              signal.addEventListener('abort', wake, { once: true });
            });
          },
          leave() {
            if (left) return;
            left = true;
            if (--followers > 0) return;
            pulses.delete(key);
            stop.abort();
            watch.close();
          },
        };
      },
    };
  }

  return {
    join(key: string): Pulse {
      let pulse = pulses.get(key);
      if (!pulse) pulses.set(key, (pulse = start(key)));
      return pulse.join();
    },
    /** Keys followed by somebody, for tests of leaks. */
    size: () => pulses.size,
  };
}
