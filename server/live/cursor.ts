/**
 * @file A cursor of a run's metric chunks: the next seq of each metric. Opaque to clients; several may be joined by commas (the windows of
 * several metrics, then one subscription).
 */
export type Cursor = Readonly<Record<string, number>>;

const prefix = 'c1.';

export const encodeCursor = (cursor: Cursor, runId: string): string =>
  prefix +
  Buffer.from(
    [
      `@${runId}`,
      ...Object.keys(cursor)
        .sort()
        .map((metric) => `${metric}:${cursor[metric]}`),
    ].join(' '),
  ).toString('base64url');

/** The positions of `metrics`; 0 where the cursor says nothing. Null when it is malformed or of another run, whose rows it would skip. */
export function decodeCursor(text: string | null, metrics: readonly string[], runId: string): Cursor | null {
  const all = new Map<string, number>();
  for (const part of text ? text.split(',', 257) : []) {
    if (!part.startsWith(prefix) || part.length > 16_384 || !/^[\w-]*$/.test(part.slice(prefix.length))) return null;
    const words = Buffer.from(part.slice(prefix.length), 'base64url').toString('utf8');
    const [run, ...positions] = words.split(' ');
    if (run !== `@${runId}`) return null;
    for (const word of positions) {
      const match = /^([a-z][a-zA-Z0-9.]{0,63}):(\d{1,10})$/.exec(word);
      if (!match || Number(match[2]) > 0x7fff_ffff) return null;
      all.set(match[1]!, Math.max(all.get(match[1]!) ?? 0, Number(match[2])));
    }
  }
  return Object.fromEntries(metrics.map((metric) => [metric, all.get(metric) ?? 0]));
}
