'use client';
/**
 * @file One Plotly figure: drawn anew when its data or the theme change. Drag zooms the shared range, double-click resets it, the mouse
 * and the arrow keys move the shared crosshair, a click picks a point for a note, shift-drag an interval or a band of layers; alt-drag
 * zooms the vertical axis of this chart.
 */
import { use, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { readVariable } from './colours.ts';
import { shapesOverSteps } from './evidence.ts';
import { Marks } from './Marks.tsx';
import { FullHeight } from './ChartFrame.tsx';
import { Crosshair, nearestLines } from './Crosshair.tsx';
import { drawsNothing, loadPlotly, plotConfig, type PlotElement, type Trace } from './plotly.ts';
import { logTicks } from './ticks.ts';
import { whyBlank, type Framed } from './useChart.ts';
import { setHover, hoverNow, useView, type Hover } from './view.tsx';

export interface PlotProps {
  readonly chart: Framed;
  /** Whether pictures of the chart are made of this figure. */
  readonly first?: boolean;
  readonly label: string;
  readonly data: readonly Trace[];
  readonly layout?: Record<string, unknown>;
  readonly height?: number;
  /** False where the horizontal axis is not the step: no zoom, no crosshair, no marks. */
  readonly overSteps?: boolean;
  /** Name of the vertical axis, where figures of a chart do not share one. */
  readonly axis?: string;
  /** Layers on the vertical axis, 1 at the bottom. */
  readonly layers?: number;
  /** The exact values at the entry nearest to a step (and, on maps, a layer from 1). */
  readonly describe?: (step: number, y: number) => Hover | null;
}

const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;

/** `range`: the steps shown; null where the horizontal axis is not the step. `span`: the vertical ends a person zoomed to. */
function baseLayout(
  range: readonly [number, number] | null,
  span: readonly [number, number] | undefined,
  layout: Record<string, unknown>,
): Record<string, unknown> {
  const [text, line] = [readVariable('--muted'), readVariable('--line')];
  const axis = {
    gridcolor: line,
    zerolinecolor: line,
    linecolor: line,
    tickcolor: line,
    ticks: 'outside',
    ticklen: 3,
    automargin: false,
    exponentformat: 'power',
    separatethousands: true,
  };
  const { xaxis, yaxis, ...rest } = layout as { xaxis?: object; yaxis?: { type?: string; range?: readonly [number, number] } };
  const ends = span ?? yaxis?.range;
  return {
    margin: { l: 56, r: 14, t: 6, b: 34 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: "'Inter Variable', system-ui, sans-serif", size: 11, color: text },
    showlegend: false,
    hovermode: false,
    dragmode: range && !isTouch() ? 'zoom' : false,
    ...rest,
    xaxis: {
      ...axis,
      showgrid: false,
      title: range ? { text: 'step', standoff: 4 } : undefined,
      fixedrange: !range,
      ...(range ? { range: [...range], exponentformat: 'none', ...(range[1] - range[0] <= 8 ? { dtick: 1 } : {}) } : {}), // steps are counted
      ...xaxis,
    },
    yaxis: {
      ...axis,
      fixedrange: true,
      ...yaxis,
      ...(ends ? { range: [...ends] } : {}),
      ...(ends && yaxis?.type === 'log' ? { tickmode: 'array', ...logTicks(...ends) } : {}),
    },
  };
}

const withShapes = (layout: Record<string, unknown>, shapes: readonly unknown[]): Record<string, unknown> => ({
  ...layout,
  shapes: [...((layout.shapes as readonly unknown[] | undefined) ?? []), ...shapes],
});

/** In place of ticks that would measure nothing. */
function waiting(layout: Record<string, unknown>, text: string): Record<string, unknown> {
  const { xaxis, yaxis } = layout as { xaxis?: object; yaxis?: object };
  const bare = { showticklabels: false, ticks: '', showgrid: false, zeroline: false };
  const note = { text, showarrow: false, xref: 'paper', yref: 'paper', x: 0.5, y: 0.5, font: { size: 12 } };
  return { ...layout, xaxis: { ...xaxis, ...bare }, yaxis: { ...yaxis, ...bare }, annotations: [note] };
}

const none: readonly number[] = [];

export function Plot({
  chart: { id, metric, element, theme, data: series },
  first = true,
  label,
  data,
  layout = {},
  height: usual = 220,
  overSteps = true,
  axis = id,
  layers,
  describe,
}: PlotProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<PlotElement | null>(null);
  const { view, change, pick } = useView();
  const height = use(FullHeight) ?? usual;
  const log = (layout.yaxis as { type?: string } | undefined)?.type === 'log';
  const span = layers ? undefined : view.spans[axis];
  const steps = series?.aligned.steps ?? none;
  // before any zoom: from the first row to the last, which is the same for all charts once no more rows come
  const [from, to] = view.range ?? [0, Math.max(steps.at(-1) ?? 0, series?.end ?? 0, 1)];
  const [drawn, setDrawn] = useState(0);
  const [width, setWidth] = useState(0);
  const [fault, setFault] = useState<string | null>(null);
  const [band, setBand] = useState<{ left: number; top: number; width: number; height: number } | null>(null);
  const pressed = useRef<{ x: number; y: number } | null>(null);
  const reset = () => {
    const { [axis]: _, ...spans } = view.spans;
    change({ range: null, spans });
  };
  const actions = useRef({ change, reset });
  actions.current = { change, reset };

  useEffect(() => {
    const div = holder.current;
    if (!div || width === 0) return;
    let gone = false;
    const range = overSteps ? ([from, to] as const) : null;
    loadPlotly().then(
      async (plotly) => {
        if (gone) return;
        const fresh = plot.current === null;
        const made = await plotly.react(
          div,
          data,
          {
            ...baseLayout(
              range,
              span,
              drawsNothing(data)
                ? waiting(layout, whyBlank(series, log))
                : overSteps && view.highlight
                  ? withShapes(layout, shapesOverSteps(view.highlight, layers !== undefined))
                  : layout,
            ),
            width,
            height,
            autosize: false,
          },
          plotConfig,
        );
        if (gone) return;
        plot.current = made;
        if (first) element.current = made;
        if (fresh) {
          made.on('plotly_relayout', (event: Record<string, number>) => {
            const [from, to] = [event['xaxis.range[0]'], event['xaxis.range[1]']];
            if (from !== undefined && to !== undefined && overSteps && to - from >= 1)
              actions.current.change({ range: [Math.max(0, Math.floor(from)), Math.ceil(to)] });
          });
          // Plotly's own event: its drag cover swallows the browser's.
          // On touch a single tap can look like two; there the button resets.
          made.on('plotly_doubleclick', () => overSteps && !isTouch() && actions.current.reset());
        }
        setDrawn((count) => count + 1);
      },
      (error: Error) => setFault(error.message),
    );
    return () => {
      gone = true;
    };
  }, [data, layout, height, overSteps, from, to, span, theme, element, first, width, view.highlight, layers]);

  useEffect(() => {
    const div = holder.current;
    if (!div) return;
    const observer = new ResizeObserver(() => setWidth(div.clientWidth));
    observer.observe(div);
    return () => {
      observer.disconnect();
      if (plot.current) void loadPlotly().then((plotly) => plotly.purge(div));
      plot.current = null;
    };
  }, []);

  /** Data coordinates of the mouse, or null outside the axes. */
  const locate = (event: { clientX: number; clientY: number }) => {
    const full = plot.current?._fullLayout;
    if (!full || !holder.current) return null;
    const box = holder.current.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - full.xaxis._offset, event.clientY - box.top - full.yaxis._offset];
    if (x < 0 || y < 0 || x > full.xaxis._length || y > full.yaxis._length) return null;
    return { step: full.xaxis.p2l(x), y: full.yaxis.p2l(y), left: event.clientX - box.left, top: event.clientY - box.top };
  };
  const wholeStep = (step: number) => Math.max(0, Math.round(step));
  const layerOf = (y: number) => Math.min(layers ?? 1, Math.max(1, Math.round(y)));

  const onPointerMove = (event: PointerEvent) => {
    const at = locate(event);
    if (pressed.current && at) {
      const from = pressed.current;
      setBand({
        left: Math.min(from.x, at.left),
        top: Math.min(from.y, at.top),
        width: Math.abs(at.left - from.x),
        height: Math.abs(at.top - from.y),
      });
    }
    if (at && describe && overSteps) setHover(nearestLines(describe(at.step, at.y), at.y, log));
  };
  const onMouseDown = (event: React.MouseEvent) => {
    const vertical = event.altKey && !layers;
    const at = vertical || (event.shiftKey && overSteps) ? locate(event) : null;
    if (!at) return;
    event.stopPropagation();
    event.preventDefault();
    pressed.current = { x: at.left, y: at.top };
    const full = plot.current!._fullLayout!;
    const up = (end: MouseEvent) => {
      window.removeEventListener('mouseup', up);
      pressed.current = null;
      setBand(null);
      const box = holder.current!.getBoundingClientRect();
      const [x, y] = [end.clientX - box.left, end.clientY - box.top];
      const clampX = Math.min(full.xaxis._length, Math.max(0, x - full.xaxis._offset));
      const clampY = Math.min(full.yaxis._length, Math.max(0, y - full.yaxis._offset));
      if (vertical) {
        const ends = [at.y, full.yaxis.p2l(clampY)].sort((a, b) => a - b) as [number, number];
        if (Math.abs(y - at.top) > 4) change({ spans: { ...view.spans, [axis]: ends } });
        return;
      }
      const steps = [at.step, full.xaxis.p2l(clampX)].map(wholeStep).sort((a, b) => a - b) as [number, number];
      if (layers && Math.abs(y - at.top) > Math.abs(x - at.left)) {
        const [fromLayer, toLayer] = [layerOf(at.y), layerOf(full.yaxis.p2l(clampY))].sort((a, b) => a - b);
        pick?.({ metric, anchor: { kind: 'layers', fromLayer, toLayer } });
      } else if (steps[1] > steps[0]) pick?.({ metric, anchor: { kind: 'interval', fromStep: steps[0], toStep: steps[1] } });
    };
    window.addEventListener('mouseup', up);
  };
  const press = useRef<{ x: number; y: number } | null>(null);
  const onClick = (event: React.MouseEvent) => {
    const moved = press.current && Math.hypot(event.clientX - press.current.x, event.clientY - press.current.y) > 4;
    const at = locate(event);
    if (moved || event.shiftKey || event.altKey || !at || !overSteps) return;
    const step = wholeStep(hoverNow()?.step ?? at.step);
    pick?.({ metric, anchor: { kind: 'point', step, ...(layers ? { layer: layerOf(at.y) } : {}) } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!steps.length || !describe || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
    event.preventDefault();
    const now = hoverNow()?.step ?? -1;
    const next =
      event.key === 'ArrowRight'
        ? (steps.find((step) => step > now) ?? steps.at(-1)!)
        : (steps.findLast((step) => step < now) ?? steps[0]!);
    setHover(describe(next, 1));
  };

  return (
    <div
      className="plot"
      onKeyDown={onKeyDown}
      onPointerMove={onPointerMove}
      onPointerLeave={(event) => event.pointerType === 'mouse' && setHover(null)}
      onPointerDownCapture={(event) => {
        press.current = { x: event.clientX, y: event.clientY };
        if (event.pointerType !== 'mouse') onPointerMove(event); // a finger hovers by tapping
      }}
      onMouseDownCapture={onMouseDown}
      onClick={onClick}
      style={{ position: 'relative', minHeight: height }}
    >
      <div ref={holder} role="img" aria-label={label} tabIndex={describe ? 0 : undefined} style={{ height, width: '100%' }} />
      {fault && <p className="fault">{fault}</p>}
      {overSteps && <Crosshair plot={plot} drawn={drawn} />}
      {overSteps && <Marks plot={plot} drawn={drawn} metric={metric} layers={layers} />}
      {band && <div style={{ position: 'absolute', pointerEvents: 'none', background: 'var(--accent)', opacity: 0.2, ...band }} />}
    </div>
  );
}
