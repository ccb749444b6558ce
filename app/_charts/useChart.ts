'use client';
/** @file What every chart of a metric begins with: its card, its series, its scale, the theme, and the figure once it is drawn. */
import { useMemo, useRef, type RefObject } from 'react';
import type { Card } from '#core/define.ts';
import { metrics } from '#core/metrics/index.ts';
import { useTheme } from '../_ui/Theme.tsx';
import type { PlotElement } from './plotly.ts';
import type { Group } from './runs.ts';
import { useGroups, type GroupMetric } from './useGroups.ts';
import { useView, type View } from './view.tsx';

export interface Chart {
  readonly id: string;
  readonly metric: string;
  readonly card: Card;
  /** The vertical scale where nobody has switched it; null where it cannot be switched. */
  readonly usual: 'log' | 'linear' | null;
  readonly log: boolean;
  readonly data: GroupMetric;
  readonly view: View;
  readonly element: RefObject<PlotElement | null>;
  /** Counts up when the theme changes: what reads colours depends on it. */
  readonly theme: number;
}

export function useChart(metric: string, groups: readonly Group[], id = metric, scale?: 'log' | null): Chart {
  const { view } = useView();
  const data = useGroups(metric, groups);
  const theme = useTheme();
  const element = useRef<PlotElement | null>(null);
  const entry = metrics[metric as keyof typeof metrics];
  const usual = scale === undefined ? (entry.scale === 'log' ? 'log' : 'linear') : scale;
  const log = (view.scales[id] ?? usual) === 'log';
  return useMemo(
    () => ({ id, metric, card: entry.card, usual, log, data, view, element, theme }),
    [id, metric, entry, usual, log, data, view, theme],
  );
}
