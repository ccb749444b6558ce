/** @file How often the diagnoses are right: runs of known condition against what was found in them. Drawn on the server, from what was recorded. */
import Link from 'next/link';
import './diagnoses.css';
import { Words } from '../_ui/Words.tsx';
import type { Diagnosis } from '#core/define.ts';
import { countsOf, recordedRuns, scores, type Examined } from '#core/diagnoses/confusion.ts';
import { diagnoses } from '#core/diagnoses/index.ts';
import { conditions } from '#core/diagnoses/injections.ts';

const all = Object.values<Diagnosis>(diagnoses);
const names = all.map(({ card }) => card.name);
/** Healthy first, then as the columns stand: what was found where it was injected is the diagonal. */
const rows = conditions.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
const scored = scores(names, conditions, recordedRuns);
const titleOf = (name: string): string => all.find(({ card }) => card.name === name)?.card.title ?? 'Healthy';

/** Found where injected; found although the same cause brings it along; found where nothing calls for it. */
function kindOf(condition: (typeof conditions)[number], name: string, found: number): string {
  if (condition.name === name) return 'own';
  if (found === 0) return 'none';
  return condition.alongside.includes(name) ? 'along' : 'alarm';
}
const meanings: Readonly<Record<string, string>> = {
  own: 'found where it was injected',
  along: 'found, as the same cause brings it along',
  alarm: 'found where nothing calls for it',
};

export function ConfusionMatrix() {
  return (
    <section className="stack" aria-label="Confusion matrix">
      <h2>How often they are right</h2>
      <p className="prose">
        {recordedRuns.length} runs of known condition, {recordedRuns.filter(({ condition }) => condition === 'healthy').length} of them
        healthy, of several depths, widths and seeds. A row is what was injected, a column what was found. Measured by{' '}
        <code>npx plateau diagnose --matrix --record</code>.
      </p>
      <div className="scroll" tabIndex={0} role="group" aria-label="conditions against diagnoses">
        <table className="table confusion">
          <thead>
            <tr>
              <th scope="col">injected</th>
              <th scope="col" className="number">
                runs
              </th>
              {all.map(({ card }) => (
                <th key={card.name} scope="col" className="number">
                  <Link href={`/catalog/diagnosis/${card.name}`}>{card.title}</Link>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((condition) => {
              const { runs, found } = countsOf(condition.name, names, recordedRuns);
              return (
                <tr key={condition.name}>
                  <th scope="row" title={condition.reason}>
                    {titleOf(condition.name)}
                  </th>
                  <td className="number mono">{runs}</td>
                  {found.map((count, i) => {
                    const kind = kindOf(condition, names[i]!, count);
                    return (
                      <td key={names[i]} className={`number mono ${kind}`} title={meanings[kind]}>
                        {count}
                        {kind === 'alarm' && <span aria-label="false alarm"> !</span>}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="small muted">
        Framed: {meanings.own}. Grey: {meanings.along}. With an exclamation mark: {meanings.alarm}.
      </p>
    </section>
  );
}

export function ScoreTable() {
  return (
    <section className="stack" aria-label="All diagnoses">
      <h2>What is looked for</h2>
      <div className="scroll">
        <table className="table scores">
          <thead>
            <tr>
              <th scope="col">diagnosis</th>
              <th scope="col" className="number">
                found of injected
              </th>
              <th scope="col" className="number">
                false alarms
              </th>
              <th scope="col">source</th>
            </tr>
          </thead>
          <tbody>
            {all.map(({ card }, i) => (
              <tr key={card.name}>
                <th scope="row">
                  <Link href={`/catalog/diagnosis/${card.name}`}>{card.title}</Link>
                </th>
                <td className="number mono">
                  {scored[i]!.found} of {scored[i]!.injected}
                </td>
                <td className="number mono">
                  {scored[i]!.falseAlarms} of {scored[i]!.absent}
                </td>
                <td className="small">{card.source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** One diagnosis: what it reads, how often it is right, and the runs in which it was wrong. */
export function DiagnosisScore({ name }: { name: string }) {
  const diagnosis = all.find(({ card }) => card.name === name);
  const score = scored.find((each) => each.name === name);
  const condition = conditions.find((each) => each.name === name);
  if (!diagnosis || !score || !condition) return null;
  const callsFor = new Set(conditions.filter((each) => each.name === name || each.alongside.includes(name)).map((each) => each.name));
  const missed = recordedRuns.filter((run) => run.condition === name && !run.found.includes(name));
  const alarms = recordedRuns.filter((run) => !callsFor.has(run.condition) && run.found.includes(name));
  return (
    <section className="stack" aria-label="How often it is right">
      <h2>How often it is right</h2>
      <p className="prose">
        Found in {score.found} of {score.injected} runs that have it by theory: <Words>{condition.reason}</Words>. Found in{' '}
        {score.falseAlarms} of {score.absent} runs in which nothing calls for it.{' '}
        <Link href="/catalog/diagnosis">All diagnoses against all conditions</Link>
      </p>
      <Runs title="Missed" runs={missed} />
      <Runs title="False alarms" runs={alarms} />
      <p className="small">
        It reads{' '}
        {diagnosis.metrics.map((metric, i) => (
          <span key={metric}>
            {i > 0 && ', '}
            <Link href={`/catalog/metric/${metric}`}>{metric}</Link>
          </span>
        ))}
        .{' '}
        {diagnosis.paper && (
          <>
            <Link href={`/papers/${diagnosis.paper}`}>The paper, with its claims measured</Link>
          </>
        )}
      </p>
    </section>
  );
}

function Runs({ title, runs }: { title: string; runs: readonly Examined[] }) {
  if (runs.length === 0) return null;
  return (
    <div className="small">
      <h3>{title}</h3>
      <ul>
        {runs.map(({ condition, run, seed }) => (
          <li key={`${condition} ${run} ${seed}`}>
            {titleOf(condition)}: {run}, seed {seed}
          </li>
        ))}
      </ul>
    </div>
  );
}
