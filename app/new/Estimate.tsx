/** @file What the experiment will cost, while it is designed. */
import type { LayerRates } from '#core/programs/layerRates.ts';
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

export function Estimate({ estimate, ok, faults }: { estimate: EstimateAnswer | null; ok: boolean; faults: number }) {
  if (!estimate)
    return (
      <div className="card stack estimate" aria-label="Estimate">
        <h2>Estimate</h2>
        <p className="muted">
          {ok ? 'Counting' : faults > 0 ? `${faults === 1 ? 'One field is' : `${faults} fields are`} not right yet.` : 'Reading the spec'}
        </p>
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
