'use client';
/** @file The runs as a table: status with its reason, final values, the loss in a word, the time it took. */
import Link from 'next/link';
import { show, type Group } from '../../_charts/runs.ts';
import { Sparkline } from '../../_ui/Sparkline.tsx';
import { StatusBadge } from '../../_ui/Status.tsx';
import { duration } from '../../_ui/Time.tsx';
import type { TableRun } from './types.ts';

const final = (run: TableRun, name: string) => {
  const value = run.finals?.[name];
  return value === undefined || value === null ? '' : typeof value === 'number' ? show(value) : value;
};

function took({ startedAt, endedAt, step, stepsPerSecond, status }: TableRun): string {
  if (startedAt && endedAt) return duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  if (status === 'running' && stepsPerSecond) return `${Math.round(stepsPerSecond)} steps/s`;
  return step > 0 ? `at step ${step.toLocaleString('en')}` : '';
}

export function RunsTable({ runs, groups }: { runs: readonly TableRun[]; groups: readonly Group[] }) {
  const newest = new Map(runs.map((run) => [run.id, run]));
  return (
    <section className="stack" aria-label="runs">
      <h2>Runs</h2>
      <div className="card scroll" style={{ padding: '8px 12px' }}>
        <table className="table">
          <thead>
            <tr>
              <th>group</th>
              <th>seed</th>
              <th>status</th>
              <th className="number">final loss</th>
              <th className="number">held-out accuracy</th>
              <th className="number">held-out loss</th>
              <th>loss</th>
              <th>time</th>
              <th>runtime</th>
            </tr>
          </thead>
          <tbody>
            {groups.flatMap((group) =>
              group.runs.map(({ id }) => {
                const run = newest.get(id);
                if (!run) return null;
                return (
                  <tr key={id}>
                    <td>
                      <i className="swatch" style={{ background: `var(${group.colour})` }} />
                      <Link href={`/runs/${id}`}>{group.name}</Link>
                    </td>
                    <td className="mono">{run.seed}</td>
                    <td>
                      <StatusBadge status={run.status} reason={run.reason} />
                      {run.reason && run.status !== 'finished' && <div className="muted small">{run.reason}</div>}
                      {run.status === 'running' && <div className="muted small mono">{Math.floor((100 * run.step) / run.steps)}%</div>}
                    </td>
                    <td className="number mono">{final(run, 'loss')}</td>
                    <td className="number mono">{final(run, 'heldOutAccuracy')}</td>
                    <td className="number mono">{final(run, 'heldOutLoss')}</td>
                    <td>
                      <Sparkline values={run.sparkline} label={`loss of ${group.name} seed ${run.seed}`} />
                    </td>
                    <td className="mono" style={{ whiteSpace: 'nowrap' }}>
                      {took(run)}
                    </td>
                    <td className="muted small">{run.runtime ? `${run.runtime}, ${run.device}` : ''}</td>
                  </tr>
                );
              }),
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}
