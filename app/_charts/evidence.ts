/** @file Where on the charts a diagnosis has its evidence: steps and layers that stand out, kept in the address. */
import { readVariable, withAlpha } from './colours.ts';

export interface Highlight {
  readonly steps: readonly [from: number, to: number];
  /** Places of layers, ascending, 0 at the bottom; none where it is about the whole network. */
  readonly layers: readonly number[];
}

/** Neighbours as one range, both ends included. */
export function runsOf(layers: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const layer of layers) {
    const last = found.at(-1);
    if (last && last[1] === layer - 1) last[1] = layer;
    else found.push([layer, layer]);
  }
  return found;
}

const range = ([from, to]: readonly [number, number]): string => (from === to ? String(from) : `${from}-${to}`);

/** `0-80:1-12,15`, layers counted from 1 as on the charts. */
export const writeHighlight = ({ steps, layers }: Highlight): string =>
  [
    range(steps),
    ...(layers.length > 0
      ? [
          runsOf(layers.map((layer) => layer + 1))
            .map(range)
            .join(),
        ]
      : []),
  ].join(':');

const mostLayers = 10_000;
export function readHighlight(text: string): Highlight | null {
  const ends = (part: string): readonly [number, number] | null => {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    return match && from <= to ? [from, to] : null;
  };
  const [first, rest] = text.split(':');
  const steps = ends(first ?? '');
  const layers = (rest ?? '').split(',').flatMap((part) => {
    const found = ends(part);
    if (!found || found[0] < 1 || found[1] > mostLayers) return [];
    return Array.from({ length: found[1] - found[0] + 1 }, (_, i) => found[0] - 1 + i);
  });
  return steps && { steps, layers: [...new Set(layers)].sort((a, b) => a - b) };
}

/** As a person would say it. */
export function highlightWords({ steps: [from, to], layers }: Highlight): string {
  const step = from === to ? `step ${from.toLocaleString('en')}` : `steps ${from.toLocaleString('en')} to ${to.toLocaleString('en')}`;
  if (layers.length === 0) return step;
  const parts = runsOf(layers.map((layer) => layer + 1)).map(([low, high]) => (low === high ? String(low) : `${low} to ${high}`));
  return `${step}, ${layers.length === 1 ? 'layer' : 'layers'} ${parts.join(', ')}`;
}

type Shape = Readonly<Record<string, unknown>>;
const look = (): Shape => ({
  type: 'rect',
  layer: 'below',
  fillcolor: withAlpha(readVariable('--accent'), 0.1),
  line: { width: 1, color: withAlpha(readVariable('--accent'), 0.55) },
});

/** On a chart over steps; with layers on the vertical axis, around those it is about. */
export function shapesOverSteps({ steps: [x0, x1], layers }: Highlight, onLayers: boolean): Shape[] {
  const across = { ...look(), x0, x1, xref: 'x' };
  if (!onLayers || layers.length === 0) return [{ ...across, yref: 'paper', y0: 0, y1: 1 }];
  return runsOf(layers).map(([low, high]) => ({
    ...across,
    layer: 'above',
    fillcolor: 'rgba(0,0,0,0)',
    line: { width: 1.5, color: readVariable('--accent') },
    yref: 'y',
    y0: low + 0.5,
    y1: high + 1.5,
  }));
}

/** On a chart across depth, layer 1 at 1. */
export const shapesAcrossLayers = ({ layers }: Highlight): Shape[] =>
  runsOf(layers).map(([low, high]) => ({ ...look(), xref: 'x', yref: 'paper', x0: low + 0.5, x1: high + 1.5, y0: 0, y1: 1 }));
