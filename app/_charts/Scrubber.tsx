'use client';
/** @file Moves a chart of one step through the run. */
import { useView } from './view.tsx';

/** @param at position in `steps`; -1 before there are any */
export function Scrubber({ steps, at, of }: { steps: readonly number[]; at: number; of: string }) {
  const { view, change } = useView();
  return (
    <div className="row" style={{ flexWrap: 'nowrap' }}>
      <input
        className="scrubber"
        type="range"
        aria-label={`step of ${of}`}
        min={0}
        max={Math.max(0, steps.length - 1)}
        value={Math.max(0, at)}
        disabled={steps.length < 2}
        onChange={(event) => change({ step: steps[Number(event.target.value)] ?? null })}
      />
      <span className="mono" style={{ minWidth: '9ch', textAlign: 'right' }}>
        {(steps[at] ?? 0).toLocaleString('en')}
      </span>
      <button type="button" className="quiet small" disabled={view.step === null} onClick={() => change({ step: null })}>
        newest
      </button>
    </div>
  );
}
