'use client';
/** @file The runs as a table, on a phone as cards: status with its reason, final values, the loss in a line; chosen ones are compared above. */
import Link from 'next/link';
import { useMemo, useRef } from 'react';
import { show, type Group } from '../../_charts/runs.ts';
import { useView } from '../../_charts/view.tsx';
import { sorted } from '../sorted.ts';
import { useCommands } from '../../_ui/commands.ts';
import { FoundBadge } from '../../_diagnoses/Severity.tsx';
import { useFound } from '../../_diagnoses/useDiagnoses.ts';
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

/** A header that sorts: the smallest first, then the largest, then by group again. */
function SortHeader({ name, title, number = false }: { name: string; title: string; number?: boolean }) {
  const { view, change } = useView();
  const now = view.sort === name ? 'ascending' : view.sort === `-${name}` ? 'descending' : 'none';
  return (
    <th className={number ? 'number' : undefined} aria-sort={now}>
      <button
        type="button"
        className="sort"
        title={`Sort by ${title}`}
        onClick={() => change({ sort: now === 'none' ? name : now === 'ascending' ? `-${name}` : null })}
      >
        {title}
        <span aria-hidden>{now === 'ascending' ? ' ↑' : now === 'descending' ? ' ↓' : ''}</span>
      </button>
    </th>
  );
}

export function RunsTable({ experimentId, runs, groups }: { experimentId: string; runs: readonly TableRun[]; groups: readonly Group[] }) {
  const found = useFound(experimentId, runs.map(({ status, step }) => `${status} ${step}`).join());
  const { view, change } = useView();
  const body = useRef<HTMLTableSectionElement>(null);
  const chosen = view.runs;
  const last = useRef(chosen);
  if (chosen.length > 0) last.current = chosen;
  useCommands(
    useMemo(() => {
      const boxes = () => [...(body.current?.querySelectorAll<HTMLInputElement>('input[type=checkbox]') ?? [])];
      const move = (by: number) => {
        const all = boxes();
        const now = all.indexOf(document.activeElement?.closest('tr')?.querySelector('input') as HTMLInputElement);
        const next = all[now < 0 ? 0 : Math.min(all.length - 1, Math.max(0, now + by))]?.closest('tr')?.querySelector('a');
        next?.focus();
      };
      const choose = () => document.activeElement?.closest('tr')?.querySelector('input')?.click();
      const section = 'Runs';
      return [
        { id: 'next run', title: 'Next run', section, keys: 'j', onlyKeys: true, run: () => move(1) },
        { id: 'previous run', title: 'Previous run', section, keys: 'k', onlyKeys: true, run: () => move(-1) },
        { id: 'choose run', title: 'Choose the run for comparison', section, keys: 'x', onlyKeys: true, run: choose },
        chosen.length > 0
          ? { id: 'all runs', title: 'Show all runs', section, keys: 'c', run: () => change({ runs: [] }) }
          : { id: 'compare runs', title: 'Compare the chosen runs alone', section, keys: 'c', run: () => change({ runs: last.current }) },
      ];
    }, [change, chosen]),
  );
  const rows = useMemo(() => sorted(groups, runs, view.sort), [groups, runs, view.sort]);
  const toggle = (id: string) => change({ runs: chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id] });
  return (
    <section className="stack" aria-label="runs">
      <div className="row">
        <h2>Runs</h2>
        <span className="muted small">
          {chosen.length === 0 ? 'the chosen ones are compared alone' : `${chosen.length} of ${runs.length} compared above`}
        </span>
        {chosen.length > 0 && (
          <button type="button" className="linkish" onClick={() => change({ runs: [] })}>
            show all
          </button>
        )}
      </div>
      <div className="card scroll" style={{ padding: '8px 12px' }}>
        <table className="table cards">
          <thead>
            <tr>
              <th>
                <span className="unseen">compare</span>
              </th>
              <th>group</th>
              <SortHeader name="seed" title="seed" />
              <SortHeader name="status" title="status" />
              <SortHeader name="loss" title="final loss" number />
              <SortHeader name="heldOutAccuracy" title="held-out accuracy" number />
              <SortHeader name="heldOutLoss" title="held-out loss" number />
              <th>loss</th>
              <SortHeader name="time" title="time" />
              <th>runtime</th>
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.map(({ group, run }) => {
              const { id } = run;
              return (
                <tr key={id} data-chosen={chosen.includes(id) || undefined}>
                  <td>
                    <input
                      type="checkbox"
                      checked={chosen.includes(id)}
                      onChange={() => toggle(id)}
                      aria-label={`compare ${group.name}, seed ${run.seed}`}
                    />
                  </td>
                  <td>
                    <i className="swatch" style={{ background: `var(${group.colour})` }} />
                    <Link href={`/runs/${id}`}>{group.name}</Link>
                  </td>
                  <td data-label="seed" className="mono">
                    {run.seed}
                  </td>
                  <td>
                    <StatusBadge status={run.status} reason={run.reason} />
                    {run.reason && run.status !== 'finished' && <div className="muted small">{run.reason}</div>}
                    <div>
                      <FoundBadge found={found.get(id) ?? []} />
                    </div>
                    {run.status === 'running' && <div className="muted small mono">{Math.floor((100 * run.step) / run.steps)}%</div>}
                  </td>
                  <td className="number mono" data-label="final loss">
                    {final(run, 'loss')}
                  </td>
                  <td className="number mono" data-label="held-out accuracy">
                    {final(run, 'heldOutAccuracy')}
                  </td>
                  <td className="number mono minor">{final(run, 'heldOutLoss')}</td>
                  <td className="minor">
                    <Sparkline values={run.sparkline} label={`loss of ${group.name} seed ${run.seed}`} />
                  </td>
                  <td className="mono minor" style={{ whiteSpace: 'nowrap' }}>
                    {took(run)}
                  </td>
                  <td className="muted small minor">{run.runtime ? `${run.runtime}, ${run.device}` : ''}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
