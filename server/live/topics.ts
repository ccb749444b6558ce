/** @file Topics: small things re-read whole when they change (an experiment, its notes), one read and one event object for all who follow. */
import { closable } from './closable.ts';
import type { Doorbell } from './doorbell.ts';
import { createPulses } from './pulse.ts';

export interface Topics {
  /** `load` gives the event, or null where the thing is gone (which ends the stream). */
  follow<T extends object>(key: string, load: () => Promise<T | null | undefined>): AsyncGenerator<T, void, void>;
  following(): number;
}

const everyMs = (key: string) => (key.startsWith('annotations:') ? 50 : key === 'experiments' ? 1_000 : 500);
const retryMs = 500;

export function createTopics(bell: Doorbell): Topics {
  const pulses = new Map<number, ReturnType<typeof createPulses>>();
  const loads = new Map<string, { beat: number; event: Promise<object | null | undefined> }>();
  let following = 0;

  return {
    follow<T extends object>(key: string, load: () => Promise<T | null | undefined>) {
      return closable<T>(async function* (signal) {
        const ms = everyMs(key);
        const group = pulses.get(ms) ?? createPulses(bell, ms);
        pulses.set(ms, group);
        const pulse = group.join(key);
        following++;
        try {
          let first = true;
          while (!signal.aborted) {
            const seen = pulse.beat();
            let shared = loads.get(key);
            // Who comes between two beats reads for himself: the last event may be older than the change he saw.
            if (first || !shared || shared.beat !== seen) {
              shared = { beat: seen, event: load() };
              loads.set(key, shared);
            }
            first = false;
            let event: object | null | undefined;
            try {
              event = await shared.event;
            } catch {
              if (loads.get(key) === shared) loads.delete(key);
              await new Promise<void>((resolve) => setTimeout(resolve, retryMs));
              continue;
            }
            if (!event || signal.aborted) return;
            yield event as T;
            await pulse.after(seen, signal);
          }
        } finally {
          following--;
          pulse.leave();
          if (following === 0) loads.clear();
        }
      });
    },
    following: () => following,
  };
}
