'use client';
/** @file What stands around every chart: title, scale, one quiet menu (table, CSV, pictures, link, note), caption. */
import { createContext, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useCommands } from '../_ui/commands.ts';
import { Formula } from '../_ui/Formula.tsx';
import { Words } from '../_ui/Words.tsx';
import { Menu, type MenuItem } from '../_ui/Menu.tsx';
import { useChartActions, type ChartAction } from './chartKeys.ts';
import { readVariable } from './colours.ts';
import { loadPlotly, type PlotElement, type Trace } from './plotly.ts';
import { show } from './runs.ts';
import { Legend } from './Swatch.tsx';
import type { Theory } from './theory.ts';
import type { Framed } from './useChart.ts';
import { useView } from './view.tsx';

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string)[])[];
}

const cell = (value: number | string) =>
  typeof value === 'string' && /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);
export const toCsv = ({ columns, rows }: Table): string => [columns, ...rows].map((row) => row.map(cell).join(',')).join('\n') + '\n';

function download(name: string, url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

/** Height of the plots while their chart fills the window; null while it does not. */
export const FullHeight = createContext<number | null>(null);
/** What stands around the plot of a chart that fills the window: head, legend, caption. */
const aroundPlot = 150;

export function ChartFrame({
  chart: { id, metric, formula, usual, element, frame },
  title,
  table,
  caption,
  legend = [],
  theory,
  wide = false,
  children,
}: {
  chart: Framed;
  title: string;
  table: () => Table;
  caption: string;
  legend?: readonly { readonly name: string; readonly colour: string }[] | undefined;
  /** What can be drawn over it. */
  theory?: Theory;
  wide?: boolean;
  children: ReactNode;
}) {
  const { view, change, pick } = useView();
  const [asTable, setAsTable] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const shown = useRef(false);
  const [full, setFull] = useState<number | null>(null);
  const now = usual && (view.scales[id] ?? usual);
  const note = useCallback(
    () =>
      pick?.({ metric, anchor: { kind: 'interval', fromStep: view.range?.[0] ?? 0, ...(view.range ? { toStep: view.range[1] } : {}) } }),
    [pick, metric, view.range],
  );
  const switchScale = useCallback(() => {
    if (!now) return;
    const { [id]: _, ...spans } = view.spans; // ends in decades mean nothing on a linear axis
    change({ scales: { ...view.scales, [id]: now === 'log' ? 'linear' : 'log' }, spans });
  }, [now, id, view.scales, view.spans, change]);
  const toggleFull = useCallback(() => setFull((height) => (height === null ? window.innerHeight - aroundPlot : null)), []);
  useChartActions(
    frame,
    useCallback(
      (action: ChartAction) => {
        if (action === 'table') setAsTable((shown) => !shown);
        else if (action === 'scale') switchScale();
        else if (action === 'full') toggleFull();
        else {
          note();
          document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Note"]')?.focus();
        }
      },
      [switchScale, toggleFull, note],
    ),
  );
  useCommands(
    useMemo(() => {
      const show = () => {
        frame.current?.focus({ preventScroll: true });
        frame.current?.scrollIntoView({ block: 'center' });
      };
      return [{ id: `chart ${id}`, title, section: 'Charts', run: show }];
    }, [id, title, frame]),
  );
  useEffect(() => {
    if (full === null) return;
    const fit = () => setFull(window.innerHeight - aroundPlot);
    const leave = (event: KeyboardEvent) => event.key === 'Escape' && setFull(null);
    window.addEventListener('resize', fit);
    window.addEventListener('keydown', leave);
    return () => {
      window.removeEventListener('resize', fit);
      window.removeEventListener('keydown', leave);
    };
  }, [full]);
  useEffect(() => {
    if (view.chart !== id || shown.current) return;
    shown.current = true;
    frame.current?.scrollIntoView({ block: 'center' });
  }, [view.chart, id, frame]);

  const picture = async (format: 'png' | 'svg') => {
    if (!element.current) return;
    const plotly = await loadPlotly();
    const { clientWidth, clientHeight } = element.current;
    const paper = element.current as PlotElement & { data: readonly Trace[]; layout: Record<string, unknown> };
    // names that the page writes below the figure; room behind them, as the picture is drawn in another font, which may be wider
    const named = paper.data.filter(({ showlegend }) => showlegend === true).length;
    const data = paper.data.map((trace) => (trace.showlegend === true ? { ...trace, name: `${String(trace.name)}\u2003\u2003` } : trace));
    const layout = {
      ...paper.layout,
      paper_bgcolor: readVariable('--surface-2'),
      title: { text: title, font: { size: 13 } },
      margin: { ...(paper.layout.margin as object), t: 44 },
      ...(named > 0 ? { showlegend: true, legend: { x: 0, y: -0.2, xanchor: 'left', yanchor: 'top' } } : {}),
    };
    download(
      `${id}.${format}`,
      await plotly.toImage({ data, layout } as unknown as HTMLElement, {
        format,
        width: clientWidth,
        height: clientHeight + 30 + (named > 0 ? 12 + 20 * named : 0),
        scale: 2,
      }),
    );
  };
  const items = [
    { label: asTable ? 'Show chart' : 'Show table', onSelect: () => setAsTable(!asTable) },
    {
      label: 'Download CSV',
      onSelect: () => {
        const url = URL.createObjectURL(new Blob([toCsv(table())], { type: 'text/csv' }));
        download(`${id}.csv`, url);
        setTimeout(() => URL.revokeObjectURL(url), 10_000);
      },
    },
    ...(!asTable
      ? [
          { label: 'Download PNG', onSelect: () => void picture('png') },
          { label: 'Download SVG', onSelect: () => void picture('svg') },
        ]
      : []),
    {
      label: 'Copy link to this view',
      onSelect: () => {
        const url = new URL(location.href);
        url.searchParams.set('chart', id);
        navigator.clipboard.writeText(url.href).then(
          () => setSaid('link copied'),
          () => setSaid('the browser did not allow copying; the address bar holds the link'),
        );
        change({ chart: id });
        setTimeout(() => setSaid(null), 2_500);
      },
    },
    { label: full === null ? 'Full screen' : 'Back to the page', onSelect: toggleFull },
    ...(pick ? [{ label: 'Note on what is shown', onSelect: note }] : []),
    ...theoryItems(theory),
  ];
  return (
    <section
      ref={frame}
      className={`card chart${wide ? ' wide' : ''}`}
      id={`chart-${id}`}
      data-testid={`chart-${id}`}
      data-linked={view.chart === id || undefined}
      data-full={full !== null || undefined}
      tabIndex={-1}
      aria-label={title}
    >
      <div className="chart-head">
        <h2>{title}</h2>
        {formula && (
          <span className="muted small">
            <Formula tex={formula} />
          </span>
        )}
        <span className="tools">
          {said && (
            <span className="muted small" role="status">
              {said}
            </span>
          )}
          {now && (
            <button
              type="button"
              className="quiet"
              aria-pressed={now === 'log'}
              title="Switch between a logarithmic and a linear scale"
              onClick={switchScale}
            >
              {now}
            </button>
          )}
          {full !== null && (
            <button type="button" className="quiet" onClick={toggleFull}>
              Back to the page
            </button>
          )}
          <Menu label={`${title}: more`} trigger="⋯" items={items} {...(theory ? { onOpen: theory.load } : {})} />
        </span>
      </div>
      {asTable ? <TableView table={table()} /> : <FullHeight value={full}>{children}</FullHeight>}
      {legend.length > 0 && (
        <div className="legend">
          <Legend items={legend} />
        </div>
      )}
      <p className="chart-caption">
        <Words>{caption}</Words>
      </p>
    </section>
  );
}

/** Those that apply as switches, the others with the assumption that is not met. */
function theoryItems(theory: Theory | undefined): MenuItem[] {
  return (theory?.offers ?? [])
    .toSorted((a, b) => a.unmet.length - b.unmet.length)
    .map(({ name, title, on, unmet }, i) => ({
      label: title,
      onSelect: () => theory!.toggle(name),
      ...(unmet.length === 0 ? { on } : { barred: unmet[0]! }),
      ...(i === 0 ? { heading: 'Add theory' } : {}),
    }));
}

const mostRows = 500;

function TableView({ table: { columns, rows } }: { table: Table }) {
  const every = Math.max(1, Math.ceil(rows.length / mostRows));
  return (
    <div className="scroll" style={{ maxHeight: 320, overflow: 'auto' }}>
      <table className="table mono">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} className="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            .filter((_, i) => i % every === 0)
            .map((row, i) => (
              <tr key={i}>
                {row.map((value, j) => (
                  <td key={j} className="number">
                    {typeof value === 'number' ? (j === 0 ? value : show(value)) : value}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
      {every > 1 && (
        <p className="muted small">
          Every {every}th of {rows.length} rows; the CSV has all.
        </p>
      )}
    </div>
  );
}
