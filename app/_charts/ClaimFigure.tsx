'use client';
/** @file A figure of a claim: what was measured on what was predicted, with the frame that all charts have. */
import { useEffect, useMemo, useState } from 'react';
import type { Verdict } from '#core/papers/claim.ts';
import { Formula } from '../_ui/Formula.tsx';
import { ChartFrame, type Table } from './ChartFrame.tsx';
import { drawFigure, figureHeight, isDense, labelled, type Figure } from './claimTraces.ts';
import { Plot } from './Plot.tsx';
import { useFramed } from './useChart.ts';

/** One row per point, so that several curves need no common places. */
function tableOf({ curves }: Figure): Table {
  const points = curves.flatMap(({ title, points }) => points.map((point) => ({ title, ...point })));
  const windows = points.some(({ window }) => window);
  const { x, y } = curves[0]!;
  return {
    columns: ['curve', x, y, 'low', 'high', 'predicted', ...(windows ? ['allowed from', 'allowed to'] : [])],
    rows: points.map(({ title, x, y, interval, predicted, window }) => [
      title,
      x,
      y,
      interval?.[0] ?? '',
      interval?.[1] ?? '',
      predicted ?? '',
      ...(windows ? [window?.[0] ?? '', window?.[1] ?? ''] : []),
    ]),
  };
}

export function ClaimFigure({
  id,
  figure,
  caption,
  verdict,
}: {
  id: string;
  figure: Figure;
  caption: string;
  /** Said to those who do not see it. */
  verdict: Verdict | null;
}) {
  const positive = figure.curves.every(({ points }) =>
    points.every(({ y, predicted }) => !(y <= 0) && !(predicted !== null && predicted <= 0)),
  );
  const chart = useFramed(id, id, positive ? (figure.logY ? 'log' : 'linear') : null);
  const { log, theme } = chart;
  // an article is drawn on the server too, where no colours are known
  const [here, setHere] = useState(false);
  useEffect(() => setHere(true), []);
  const drawn = useMemo(() => (void theme, here ? drawFigure(figure, log) : null), [figure, log, theme, here]);
  const has = (test: (point: Figure['curves'][number]['points'][number]) => unknown) =>
    figure.curves.some(({ points }) => points.some(test));
  const laws = [...new Map(figure.curves.flatMap(({ law, colour }) => (law === undefined ? [] : [[law, colour] as const])))];
  const own = figure.curves.length > 1 && laws.length > 1;
  const legend = figure.curves.length > 1 && !labelled(figure) ? figure.curves.map(({ title, colour }) => ({ name: title, colour })) : [];
  return (
    <ChartFrame chart={chart} title={figure.title} table={() => tableOf(figure)} caption={caption} legend={legend}>
      {drawn ? (
        <Plot
          chart={chart}
          label={`${figure.title}: ${figure.curves[0]!.y} against ${figure.curves[0]!.x}${verdict ? `, ${verdict}` : ''}; the menu has the numbers as a table`}
          data={drawn.traces}
          layout={drawn.layout}
          height={figureHeight}
          overSteps={false}
        />
      ) : (
        <div style={{ height: figureHeight }} />
      )}
      <p className="figure-key">
        <span>
          <Key kind={figure.curves.every(isDense) ? 'line' : has(({ interval }) => interval) ? 'interval' : 'point'} />
          measured{has(({ interval }) => interval) ? ', 95% interval' : ''}
        </span>
        {has(({ predicted }) => predicted !== null) && (
          <span>
            <Key kind="predicted" />
            predicted
            {laws.map(([law, colour]) => (
              <span key={law} className="figure-law" style={own ? { color: `var(${colour})` } : undefined}>
                <Formula tex={law} />
              </span>
            ))}
          </span>
        )}
        {has(({ window }) => window) && (
          <span>
            <Key kind="window" />
            allowed
          </span>
        )}
      </p>
    </ChartFrame>
  );
}

function Key({ kind }: { kind: 'point' | 'line' | 'interval' | 'predicted' | 'window' }) {
  return (
    <svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">
      {kind === 'window' && <rect x="1" y="2" width="20" height="10" fill="var(--series-1)" opacity="0.18" />}
      {kind === 'line' && <path d="M1,7H21" stroke="var(--series-1)" strokeWidth="3" opacity="0.7" />}
      {kind === 'predicted' && <path d="M1,7H21" stroke="var(--text)" strokeWidth="1.4" strokeDasharray="4 3" />}
      {kind === 'interval' && <path d="M11,1V13M8,1H14M8,13H14" stroke="var(--series-1)" strokeWidth="1.4" />}
      {(kind === 'interval' || kind === 'point') && <circle cx="11" cy="7" r="3.2" fill="var(--series-1)" />}
    </svg>
  );
}
