/** @file Values that no place on a scale may stand for: their colours and names, and the strips that say where on the step axis they are. */
import type { Aligned } from './align.ts';

export const notNumbers = [
  { key: 'nan', name: 'NaN', flag: 1, colour: '#d6278a' },
  { key: 'infinite', name: '±∞', flag: 6, colour: '#ff7a1a' },
  { key: 'zero', name: 'exactly 0', flag: 0, colour: '#8a8f8d' },
] as const;
export type NotNumber = (typeof notNumbers)[number];

/** Along the top of a chart of lines, which have a gap there. `never`: columns that are named in words instead. */
export function notNumberStrips({ steps, width, flags }: Aligned, members: readonly number[], never: ReadonlySet<number> = new Set()) {
  const at = steps.map((_, i) => {
    let all = 0;
    for (const member of members)
      for (let column = 0; column < width; column++) if (!never.has(column)) all |= flags[member]![i * width + column]!;
    return notNumbers.find(({ flag }) => all & flag) ?? null;
  });
  const shapes: Record<string, unknown>[] = [];
  at.forEach((kind, i) => {
    if (!kind) return;
    if (at[i - 1] === kind) shapes.at(-1)!.x1 = steps[i]!;
    else {
      // the outline keeps a single entry visible
      const line = { width: 3, color: kind.colour };
      shapes.push({ type: 'rect', xref: 'x', yref: 'paper', x0: steps[i]!, x1: steps[i]!, y0: 0.97, y1: 1, fillcolor: kind.colour, line });
    }
  });
  return { shapes, legend: notNumbers.filter((kind) => at.includes(kind)) };
}
