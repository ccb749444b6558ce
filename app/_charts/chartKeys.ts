'use client';
/** @file Keys for charts: the next and the previous one, and what one can do with the one that has the focus or lies under the mouse. */
import { useEffect, useMemo, type RefObject } from 'react';
import { useCommands, type Command } from '../_ui/commands.ts';

/** What a chart may be asked by key; it hears it as an event on its section. */
export type ChartAction = 'table' | 'scale' | 'full' | 'note';
const event = 'plateau:chart';

const charts = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('section.chart')];
const current = (): HTMLElement | null =>
  document.activeElement?.closest<HTMLElement>('section.chart') ?? document.querySelector<HTMLElement>('section.chart:hover');

function walk(by: 1 | -1): void {
  const all = charts();
  const now = current();
  const place = now ? all.indexOf(now) + by : by > 0 ? 0 : all.length - 1;
  const next = all[Math.min(all.length - 1, Math.max(0, place))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'center' });
}

/** The keys of a page of charts. `notes`: whether one can write notes there. */
export function useChartKeys(notes: boolean): void {
  useCommands(
    useMemo(() => {
      const section = 'Chart';
      const ask = (action: ChartAction) => () => {
        const chart = current() ?? charts()[0];
        chart?.dispatchEvent(new CustomEvent<ChartAction>(event, { detail: action }));
      };
      const keys: [string, string, () => void][] = [
        [']', 'Next chart', () => walk(1)],
        ['[', 'Previous chart', () => walk(-1)],
        ['t', 'Chart or table', ask('table')],
        ['l', 'Logarithmic or linear', ask('scale')],
        ['f', 'Full screen', ask('full')],
        ...(notes ? [['n', 'New note on the chart', ask('note')] satisfies [string, string, () => void]] : []),
      ];
      return keys.map(([key, title, run]): Command => ({ id: title, title, section, keys: key, onlyKeys: true, run }));
    }, [notes]),
  );
}

export function useChartActions(frame: RefObject<HTMLElement | null>, act: (action: ChartAction) => void): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const hear = (heard: Event) => act((heard as CustomEvent<ChartAction>).detail);
    element.addEventListener(event, hear);
    return () => element.removeEventListener(event, hear);
  }, [frame, act]);
}
