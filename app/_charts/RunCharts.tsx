'use client';
/** @file All metrics of one run in sections, each drawn as its axes ask for. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import './charts.css';
import { DiagnosisCards } from '../_diagnoses/DiagnosisCards.tsx';
import { request, subscribe } from '../_live/client.ts';
import { DepthProfile } from './DepthProfile.tsx';
import { Eigenvalues } from './Eigenvalues.tsx';
import { HeatMap } from './HeatMap.tsx';
import { LayerLines } from './LayerLines.tsx';
import { LayerMatrix } from './LayerMatrix.tsx';
import { LineChart } from './LineChart.tsx';
import { Readout } from './Crosshair.tsx';
import { chartRunFields, groupsOf, mayGrow, type ChartRun, type Group } from './runs.ts';
import { sectionsOf, type ChartKind, type Entry, type Section } from './sections.ts';
import { SpectralDensity } from './SpectralDensity.tsx';
import { SpectralRidge } from './SpectralRidge.tsx';
import { ViewBar } from './ViewBar.tsx';
import { useView, ViewProvider } from './view.tsx';

const query = `query ($id: ID!) { run(id: $id) { experimentId ${chartRunFields} } }`;
type Draw = (props: { metric: string; groups: readonly Group[]; wide: boolean }) => ReactNode;
const drawings: Record<ChartKind, Draw> = {
  line: LineChart,
  layers: LayerLines,
  map: HeatMap,
  depth: DepthProfile,
  matrix: LayerMatrix,
  density: SpectralDensity,
  ridge: SpectralRidge,
  eigenvalues: Eigenvalues,
};

function Charts({ entries, groups }: { entries: readonly Entry[]; groups: readonly Group[] }) {
  return (
    <div className="board">
      {entries.map(({ kind, metric, wide }) => {
        const Drawing = drawings[kind];
        return <Drawing key={`${metric} ${kind}`} metric={metric} groups={groups} wide={wide} />;
      })}
    </div>
  );
}

/** A section with its charts; what says how exact they are is folded. */
function ChartSection({ section: { name, title, charts, errors }, groups }: { section: Section; groups: readonly Group[] }) {
  const [open, setOpen] = useState(false);
  const { view } = useView();
  // a link may point at a folded chart
  const pointed = errors.some(({ metric }) => view.chart === metric || view.chart === `${metric}-layers`);
  return (
    <section className="chart-section" id={`charts-${name}`} aria-labelledby={`charts-${name}-title`}>
      <h2 id={`charts-${name}-title`}>{title}</h2>
      <Charts entries={charts} groups={groups} />
      {errors.length > 0 && (
        <details open={open || pointed} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>Residuals and standard errors ({errors.length})</summary>
          {(open || pointed) && <Charts entries={errors} groups={groups} />}
        </details>
      )}
    </section>
  );
}

export function RunCharts({ runId }: { runId: string }) {
  const [run, setRun] = useState<(ChartRun & { experimentId: string }) | null>(null);
  const experimentId = run?.experimentId;
  useEffect(() => {
    void request<{ run: (ChartRun & { experimentId: string }) | null }>(query, { id: runId }).then(
      ({ run: found }) => setRun(found),
      console.error,
    );
  }, [runId]);
  useEffect(() => {
    if (!experimentId) return;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      last = Date.now();
      void request<{ run: ChartRun & { experimentId: string } }>(query, { id: runId }).then(
        ({ run: found }) => setRun(found),
        console.error,
      );
    };
    const unsubscribe = subscribe('subscription ($id: ID!) { experimentChanged(id: $id) { id updatedAt } }', { id: experimentId }, () => {
      // at most once a second, the last change never unheard
      timer ??= setTimeout(ask, Math.max(0, last + 1_000 - Date.now()));
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [experimentId, runId]);
  // Steps change all the time; charts care for what they are drawn from.
  const key = run && JSON.stringify([run.metrics, mayGrow(run), run.layers, run.curvatureBatch]);
  const groups = useMemo(() => (run && key ? groupsOf([run]) : []), [key]);
  const names = run?.metrics.map(({ name }) => name).join();
  const sections = useMemo(() => sectionsOf(names?.split(',') ?? []), [names]);
  if (!run) return null;
  if (run.metrics.length === 0) return <p className="muted">Charts appear with the first rows, a moment after the run starts.</p>;
  return (
    <ViewProvider>
      <DiagnosisCards run={run} />
      <div className="viewed">
        <ViewBar live={mayGrow(run)} sections={sections} />
        {sections.map((section) => (
          <ChartSection key={section.name} section={section} groups={groups} />
        ))}
      </div>
      <Readout />
    </ViewProvider>
  );
}
