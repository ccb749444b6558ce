/** @file What the experiment will cost, while it is designed. */
import type { LayerRates } from '#core/programs/layerRates.ts';
import type { Issue } from './draft.ts';
import { duration } from '../_ui/Time.tsx';

export interface EstimateAnswer {
  readonly runs: number;
  readonly seconds: number | null;
  readonly parameters: number | null;
  readonly bytes: number | null;
  readonly detail: {
    readonly memoryBytes?: number;
    readonly flopsPerStep?: number;
    readonly exact?: boolean;
    readonly layerRates?: readonly LayerRates[] | null;
  } | null;
}

const size = (bytes: number) =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

const mostFaults = 8;

/** Where the faults are: a form of a hundred fields does not show them all. */
function Faults({ issues }: { issues: readonly Issue[] }) {
  const go = (path: string) => {
    const field = document.getElementById(`field-${path}`) ?? document.getElementById(`field-${path.split('.')[0]}`);
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  };
  const paths = [...new Set(issues.map(({ path }) => path || 'spec'))];
  return (
    <div className="stack small" style={{ gap: 4 }}>
      <p className="muted">{paths.length === 1 ? 'One field is not right yet:' : `${paths.length} fields are not right yet:`}</p>
      <ul className="plain">
        {paths.slice(0, mostFaults).map((path) => (
          <li key={path}>
            <button type="button" className="linkish mono" onClick={() => go(path)}>
              {path}
            </button>
          </li>
        ))}
      </ul>
      {paths.length > mostFaults && <p className="muted">and {paths.length - mostFaults} more</p>}
    </div>
  );
}

export function Estimate({ estimate, ok, issues }: { estimate: EstimateAnswer | null; ok: boolean; issues: readonly Issue[] }) {
  if (!estimate)
    return (
      <div className="card stack estimate" aria-label="Estimate">
        <h2>Estimate</h2>
        {issues.length > 0 ? <Faults issues={issues} /> : <p className="muted">{ok ? 'Counting' : 'Reading the spec'}</p>}
      </div>
    );
  const { runs, seconds, parameters, bytes, detail } = estimate;
  const rows: [string, string | null][] = [
    ['Runs', String(runs)],
    ['Time on one core', seconds === null ? null : `about ${duration(seconds)}`],
    ['Parameters', parameters === null ? null : parameters.toLocaleString('en')],
    ['Recorded', bytes === null ? null : size(bytes)],
    ['Memory', detail?.memoryBytes ? size(detail.memoryBytes) : null],
  ];
  return (
    <div className="card stack" aria-label="Estimate">
      <h2>Estimate</h2>
      <dl className="facts">
        {rows
          .filter(([, value]) => value !== null)
          .map(([word, value]) => (
            <div key={word} style={{ display: 'contents' }}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <p className="muted small">
        {detail?.exact === false
          ? 'The data’s size is known once a worker has read the files; taken as 60,000 images of 784 pixels.'
          : 'Parameters and memory are those of the largest run.'}
      </p>
      {detail?.layerRates && <Rates rates={detail.layerRates} runs={runs} />}
    </div>
  );
}

const rate = (value: number) => (value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(2));

/** What the parameterization makes of the learning rate. */
function Rates({ rates, runs }: { rates: readonly LayerRates[]; runs: number }) {
  const changing = rates.some(({ first, later }) => first !== later);
  return (
    <>
      <h3>Learning rates{runs > 1 ? ', first run' : ''}</h3>
      <table aria-label="Learning rates by layer">
        <thead>
          <tr>
            <th scope="col">Layers</th>
            {changing && <th scope="col">First steps</th>}
            <th scope="col">{changing ? 'Later' : 'Rate'}</th>
          </tr>
        </thead>
        <tbody>
          {rates.map(({ from, to, first, later }) => (
            <tr key={from}>
              <td>{from === to ? from : `${from} to ${to}`}</td>
              {changing && <td>{first === null ? 'calibrated' : rate(first)}</td>}
              <td>{rate(later)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">Of the kernels, before the schedule.</p>
    </>
  );
}
