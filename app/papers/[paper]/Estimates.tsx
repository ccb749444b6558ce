/** @file The numbers a claim stands or falls with: value, interval, prediction, window, verdict; each row drawn to its own scale. */
import { useState } from 'react';
import type { Estimate } from '#core/papers/claim.ts';
import { agrees } from '../deciding.ts';
import { Words } from '../../_ui/Words.tsx';
import { say, sayInterval, sayWindow } from '../../_ui/numbers.ts';
import { VerdictBadge } from '../Verdict.tsx';

/** Rows of a long table before the reader asks for all; the one that decides and those that do not agree are always among them. */
const firstRows = 5;

export function Estimates({
  estimates,
  deciding,
  partial,
}: {
  estimates: readonly Estimate[];
  deciding: Estimate | null;
  /** No verdict stands yet. */
  partial: boolean;
}) {
  const [all, setAll] = useState(false);
  const folded = (estimate: Estimate, i: number) =>
    !all && estimates.length > firstRows + 2 && i >= firstRows && estimate !== deciding && agrees(estimate) === 'reproduced';
  const hidden = estimates.filter(folded).length;
  return (
    <>
      <div className="scroll" tabIndex={0} role="group" aria-label="Estimates">
        <table className="table estimates">
          <thead>
            <tr>
              <th scope="col">Estimate</th>
              <th scope="col">Measured, 95% interval</th>
              <th scope="col">Predicted, allowed</th>
              <th scope="col" className="pictured">
                <span className="unseen">Drawn</span>
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {estimates.map((estimate, i) => (
              <tr
                key={estimate.name}
                data-folded={folded(estimate, i) || undefined}
                data-deciding={estimate === deciding && estimates.length > 1 ? true : undefined}
              >
                <th scope="row">
                  <Words>{estimate.name}</Words>
                </th>
                <td data-label="Measured">
                  {say(estimate.value)}
                  <span className="muted">{sayInterval(estimate.interval)}</span>
                </td>
                <td data-label="Predicted">
                  {Number.isNaN(estimate.predicted) ? 'no value' : say(estimate.predicted)}
                  <span className="muted">{sayWindow(estimate.window)}</span>
                </td>
                <td className="pictured">
                  <Strip estimate={estimate} />
                </td>
                <td data-label="Verdict">
                  <VerdictBadge standing={partial ? 'measuring' : agrees(estimate)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(hidden > 0 || all) && (
        <p className="unprinted">
          <button type="button" className="linkish" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Fewer estimates' : `${hidden} more that agree`}
          </button>
        </p>
      )}
    </>
  );
}

const [width, height] = [88, 18];

/** The window as a band, the prediction dashed, the interval on both. Ends at infinity leave the picture. */
function Strip({ estimate: { value, interval, predicted, window } }: { estimate: Estimate }) {
  const ends = [value, ...interval, predicted, ...window].filter(Number.isFinite);
  if (ends.length < 2 || Number.isNaN(value)) return null;
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  const scale = (x: number) => (x === Infinity ? width : x === -Infinity ? 0 : ((x - low + room) / (high - low + 2 * room)) * width);
  const known = interval.every((end) => !Number.isNaN(end));
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <rect
        x={scale(window[0])}
        width={Math.max(1, scale(window[1]) - scale(window[0]))}
        y="1"
        height={height - 2}
        className="strip-window"
      />
      {Number.isFinite(predicted) && <path d={`M${scale(predicted)},1V${height - 1}`} className="strip-predicted" />}
      {known && <path d={`M${scale(interval[0])},${height / 2}H${scale(interval[1])}`} className="strip-interval" />}
      <circle cx={scale(value)} cy={height / 2} r="3" className="strip-value" />
    </svg>
  );
}
