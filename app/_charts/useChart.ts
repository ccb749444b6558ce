'use client';
/** @file What every chart begins with: its frame and figure, its scale, the theme; of a metric also its card and its series. */
import { useRef, type RefObject } from 'react';
import type { Card } from '#core/define.ts';
import { metrics } from '#core/metrics/index.ts';
import { useTheme } from '../_ui/Theme.tsx';
import type { PlotElement } from './plotly.ts';
import type { Group } from './runs.ts';
import { useGroups, type GroupMetric } from './useGroups.ts';
import { useView, type View } from './view.tsx';

type Scale = 'log' | 'linear' | null;
export interface Framed {
  readonly id: string;
  /** What a note on it is about. */
  readonly metric: string;
  readonly formula?: string;
  /** The vertical scale where nobody has switched it; null where it cannot be switched. */
  readonly usual: Scale;
  readonly log: boolean;
  readonly view: View;
  readonly frame: RefObject<HTMLElement | null>;
  readonly element: RefObject<PlotElement | null>;
  /** Counts up when the theme changes: what reads colours depends on it. */
  readonly theme: number;
  readonly data?: Pick<GroupMetric, 'aligned' | 'end' | 'loading'>;
}
export interface Chart extends Framed {
  readonly card: Card;
  readonly data: GroupMetric;
}

export function useFramed(id: string, metric: string, usual: Scale): Framed {
  const { view } = useView();
  const frame = useRef<HTMLElement | null>(null);
  const element = useRef<PlotElement | null>(null);
  return { id, metric, usual, log: (view.scales[id] ?? usual) === 'log', view, frame, element, theme: useTheme() };
}

/** `scale`: where it is not the metric's own. */
export function useChart(metric: string, groups: readonly Group[], id = metric, scale?: Scale): Chart {
  const { card, scale: own } = metrics[metric as keyof typeof metrics];
  const framed = useFramed(id, metric, scale === undefined ? (own === 'log' ? 'log' : 'linear') : scale);
  const data = useGroups(metric, groups, framed.frame);
  return { ...framed, card, formula: card.formula, data };
}

/** How much is shown, then what the chart says of itself; before the first rows what will appear, and when; of runs that have ended, that none came. */
export function captionOf(
  { error, empty, facts, loading, seeds, end }: GroupMetric,
  nothing: string,
  ...says: readonly (string | false)[]
): string {
  if (error) return error;
  if (loading && seeds === 0) return 'Asking for the rows.';
  if (empty) return end === null ? nothing : 'Nothing was recorded.';
  return [facts, ...says].filter(Boolean).join(' · ');
}

/** Said in a figure that draws nothing. */
export function whyBlank(series: Framed['data'], log: boolean): string {
  const running = series?.end === null;
  if (series && series.aligned.steps.length === 0) return series.loading ? '' : running ? 'no rows yet' : 'nothing was recorded';
  if (running) return log ? 'no rows above 0 yet' : 'no finite rows yet'; // other figures of the chart have some
  return log ? 'no number above 0 here' : 'nothing finite here';
}
