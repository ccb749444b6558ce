'use client';
/** @file The shared crosshair: a line over each chart at the hovered step, and the strip that says the exact values once. */
import { useEffect, useRef, type RefObject } from 'react';
import type { PlotElement } from './plotly.ts';
import { Swatch } from './Swatch.tsx';
import { hoverNow, useHover, watchHover, type Hover } from './view.tsx';

export function Crosshair({ plot, drawn }: { plot: RefObject<PlotElement | null>; drawn: number }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = () => {
      const full = plot.current?._fullLayout;
      const hover = hoverNow();
      if (!line.current) return;
      const x = full && hover ? full.xaxis.l2p(hover.step) : -1;
      const inside = full !== undefined && x >= 0 && x <= full.xaxis._length;
      line.current.style.display = inside ? 'block' : 'none';
      if (!inside) return;
      line.current.style.transform = `translateX(${full.xaxis._offset + x}px)`;
      line.current.style.top = `${full.yaxis._offset}px`;
      line.current.style.height = `${full.yaxis._length}px`;
    };
    place();
    return watchHover(place);
  }, [plot, drawn]);
  return (
    <div
      ref={line}
      style={{ position: 'absolute', left: 0, width: 1, background: 'var(--text)', opacity: 0.45, pointerEvents: 'none', display: 'none' }}
    />
  );
}

const mostLines = 8;

/** Of many lines those nearest to the pointer: the first eight of three hundred layers say nothing of the one that is pointed at. */
export function nearestLines(hover: Hover | null, y: number | null, log: boolean): Hover | null {
  if (!hover || hover.lines.length <= mostLines || y === null) return hover;
  const far = ({ value = NaN }: Hover['lines'][number]) => {
    const distance = Math.abs((log ? Math.log10(value) : value) - y);
    return Number.isNaN(distance) ? Infinity : distance;
  };
  return { ...hover, lines: hover.lines.toSorted((a, b) => far(a) - far(b)) };
}

/** Sticks to the bottom of the window while something is hovered. */
export function Readout() {
  const hover = useHover();
  if (!hover) return null;
  return (
    <div className="readout" data-testid="readout">
      <strong>{hover.title}</strong>
      <span className="mono">step {hover.step.toLocaleString('en')}</span>
      {hover.lines.slice(0, mostLines).map(({ colour, text }) => (
        <span key={text} className="mono">
          {colour && <Swatch colour={colour} />}
          {text}
        </span>
      ))}
      {hover.lines.length > mostLines && <span className="muted">and {(hover.lines.length - mostLines).toLocaleString('en')} more</span>}
    </div>
  );
}
