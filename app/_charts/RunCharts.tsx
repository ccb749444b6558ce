'use client';
/** @file All metrics of one run, each as its axes ask for. */
import { useEffect, useMemo, useState } from 'react';
import { metrics } from '#core/metrics/index.ts';
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
import { SpectralDensity } from './SpectralDensity.tsx';
import { SpectralRidge } from './SpectralRidge.tsx';
import { ViewBar } from './ViewBar.tsx';
import { ViewProvider } from './view.tsx';

const query = `query ($id: ID!) { run(id: $id) { experimentId ${chartRunFields} } }`;
/** Logarithms of these are what a map shows; signed and bounded ones are lines. */
const mapped = new Set(['gradNorm', 'updateRatio', 'activationNorm']);

/** What theory says something about across depth. */
const profiled = new Set(['gradNorm', 'activationNorm', 'activationGrowth', 'deltaRatio', 'displacement', 'sampleVarianceFraction']);

/** The charts of a metric, by its axes. */
export function MetricCharts({ name, axes, groups }: { name: string; axes: readonly string[]; groups: readonly Group[] }) {
  if (!(name in metrics)) return null;
  if (axes.length === 2) return <LayerMatrix metric={name} groups={groups} />;
  if (name === 'hessianSpectrum' || (axes.includes('bin') && !name.endsWith('Error')))
    return (
      <>
        <SpectralDensity metric={name} groups={groups} />
        <SpectralRidge metric={name} groups={groups} />
      </>
    );
  if (axes.includes('bin')) return null;
  if (axes.includes('layer'))
    return (
      <>
        {mapped.has(name) && <HeatMap metric={name} groups={groups} />}
        {profiled.has(name) && <DepthProfile metric={name} groups={groups} />}
        <LayerLines metric={name} groups={groups} wide={false} />
      </>
    );
  if (name === 'hessianTop') return <Eigenvalues groups={groups} />;
  // Residuals and other rows over eigenvalues are lines too, a colour each.
  return axes.length === 0 ? <LineChart metric={name} groups={groups} /> : <LayerLines metric={name} groups={groups} wide={false} />;
}

/** Loss first, then what is scalar, then layers, then curvature. */
const order = [
  'loss',
  'heldOutLoss',
  'heldOutAccuracy',
  'accuracy',
  'trainLoss',
  'trainAccuracy',
  'gradNorm',
  'hessianTop',
  'weightNorm',
  'effectiveLearningRate',
];
const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);

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
  if (!run) return null;
  if (run.metrics.length === 0) return <p className="muted">Charts appear with the first rows, a moment after the run starts.</p>;
  return (
    <ViewProvider>
      <DiagnosisCards run={run} />
      <div className="viewed">
        <ViewBar live={mayGrow(run)} />
        <div className="board">
          {run.metrics
            .toSorted((a, b) => rank(a.name) - rank(b.name))
            .map(({ name, axes }) => (
              <MetricCharts key={name} name={name} axes={axes} groups={groups} />
            ))}
        </div>
      </div>
      <Readout />
    </ViewProvider>
  );
}
