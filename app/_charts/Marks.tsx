'use client';
/** @file Notes on a chart, in its data coordinates: a pin at a point, a bar over an interval, a bracket at a band of layers. */
import type { RefObject } from 'react';
import type { PlotElement } from './plotly.ts';
import { useView } from './view.tsx';

const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

export function Marks({
  plot,
  metric,
  layers,
}: {
  plot: RefObject<PlotElement | null>;
  drawn: number;
  metric: string;
  layers?: number | undefined;
}) {
  const { marks, openMark } = useView();
  const full = plot.current?._fullLayout;
  if (!full) return null;
  const { xaxis, yaxis } = full;
  const clamp = (pixel: number) => Math.min(xaxis._length, Math.max(0, pixel));
  return (
    <>
      {marks
        .filter((mark) => mark.metric === metric)
        .map(({ id, anchor, title }) => {
          const [step, from, to] = [numberOf(anchor.step), numberOf(anchor.fromStep), numberOf(anchor.toStep)];
          const button = {
            type: 'button',
            className: 'mark',
            title,
            'aria-label': `note: ${title}`,
            onClick: (event: React.MouseEvent) => (event.stopPropagation(), openMark(id)),
          } as const;
          if (step !== null) {
            const x = xaxis.l2p(step);
            return x < 0 || x > xaxis._length ? null : (
              <button key={id} {...button} data-kind="point" style={{ left: xaxis._offset + x - 6, top: yaxis._offset }} />
            );
          }
          if (from !== null && to !== null) {
            const [a, b] = [clamp(xaxis.l2p(from)), clamp(xaxis.l2p(to))];
            return b - a < 1 ? null : (
              <button key={id} {...button} data-kind="interval" style={{ left: xaxis._offset + a, width: b - a, top: yaxis._offset }} />
            );
          }
          const [low, high] = [numberOf(anchor.fromLayer), numberOf(anchor.toLayer)];
          if (!layers || low === null || high === null) return null;
          const row = yaxis._length / layers;
          return (
            <button
              key={id}
              {...button}
              data-kind="layers"
              style={{ left: xaxis._offset - 1, top: yaxis._offset + (layers - high) * row, height: (high - low + 1) * row }}
            />
          );
        })}
    </>
  );
}
