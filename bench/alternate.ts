/**
 * @file Timing in turns. What else runs on the machine comes and goes within seconds, so contestants take short turns and are compared turn by
 * turn: the median of the ratios stands while the milliseconds move. Milliseconds are the processor's: one thread on a machine of its own
 * would take them, and waiting for others does not count.
 */

/** Milliseconds of the processor that this process used so far, in all its threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of one call of the work, the median of about so many seconds. */
export type Contestant = (seconds: number) => Promise<number>;

export interface Outcome {
  /** Median of the turns, in milliseconds. */
  readonly ms: number;
  readonly turns: readonly number[];
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Each contestant in turn, `turns` times after one that warms it up. */
export async function alternate<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  { turns = 7, seconds = 0.4 } = {},
): Promise<Record<Name, Outcome>> {
  const names = Object.keys(contestants) as Name[];
  const times = names.map(() => [] as number[]);
  for (let turn = 0; turn <= turns; turn++)
    for (const [i, name] of names.entries()) {
      const ms = await contestants[name](seconds);
      if (turn > 0) times[i]!.push(ms);
    }
  return Object.fromEntries(names.map((name, i) => [name, { ms: median(times[i]!), turns: times[i]! }])) as unknown as Record<
    Name,
    Outcome
  >;
}

/** Median over the turns of a's time in units of b's. */
export const ratio = (a: Outcome, b: Outcome): number => median(a.turns.map((ms, turn) => ms / b.turns[turn]!));

/**
 * A contestant that makes `calls` calls at once, as many as take about `together` milliseconds, so that what a call costs by itself is shared.
 * The first of a turn does not count, as with the peer: the other contestant has left its own memory in the caches.
 */
export function repeatedly(work: (calls: number) => Promise<void>, { together = 50, most = 100 } = {}): Contestant {
  let calls = 1;
  return async (seconds) => {
    const times: number[] = [];
    await work(calls);
    for (const end = performance.now() + 1000 * seconds; times.length === 0 || performance.now() < end;) {
      const start = cpuMs();
      await work(calls);
      times.push((cpuMs() - start) / calls);
      calls = Math.max(1, Math.min(most, Math.round(together / times.at(-1)!)));
    }
    return median(times);
  };
}
