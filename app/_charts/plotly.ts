'use client';
/** @file The only place that knows Plotly: loaded when the first chart needs it, then one object. */

export type Trace = Record<string, unknown>;

/** Whether nothing would be seen. */
export const drawsNothing = (data: readonly Trace[]): boolean =>
  data.every(({ y, z }) => {
    const rows = z ? (z as readonly (readonly (number | null)[])[]) : [(y as readonly (number | null)[]) ?? []];
    return rows.every((row) => row.every((value) => value === null || !Number.isFinite(value)));
  });

export interface PlotElement extends HTMLElement {
  on(event: string, handler: (data: never) => void): void;
  readonly _fullLayout?: {
    readonly xaxis: { l2p(value: number): number; p2l(pixel: number): number; readonly _offset: number; readonly _length: number };
    readonly yaxis: { p2l(pixel: number): number; readonly _offset: number; readonly _length: number };
  };
}
export interface Plotly {
  react(
    element: HTMLElement,
    data: readonly Trace[],
    layout: Record<string, unknown>,
    config: Record<string, unknown>,
  ): Promise<PlotElement>;
  purge(element: HTMLElement): void;
  toImage(element: HTMLElement, options: Record<string, unknown>): Promise<string>;
}

let loading: Promise<Plotly> | null = null;

export function loadPlotly(): Promise<Plotly> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/vendor/plotly.min.js';
    script.async = true;
    script.onload = () => resolve((window as unknown as { Plotly: Plotly }).Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error('the chart library did not load; the table view still shows the values'));
    };
    document.head.append(script);
  });
  return loading;
}

export const plotConfig = { displayModeBar: false, showTips: false, responsive: false, doubleClick: false, scrollZoom: false } as const;
