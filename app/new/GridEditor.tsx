'use client';
/** @file What varies: fields of the spec with the values each takes; every combination becomes a run. */
import { useEffect, useState } from 'react';
import type { Axis, Issue } from './draft.ts';

export function GridEditor({
  grid,
  paths,
  issues,
  onChange,
}: {
  grid: readonly Axis[];
  paths: readonly string[];
  issues: readonly Issue[];
  onChange: (grid: Axis[]) => void;
}) {
  const replace = (at: number, axis: Axis) => onChange(grid.map((old, i) => (i === at ? axis : old)));
  const free = paths.filter((path) => !grid.some((axis) => axis.path === path));
  return (
    <fieldset className="card stack" style={{ margin: 0 }}>
      <h2>What varies</h2>
      <p className="muted small">
        Each field takes the values listed, as JSON: 1, 2, 3 or {'{"kind": "l2"}, {"kind": "weightRescaling"}'}. Every combination is a run;
        runs that differ in the seed alone are a group.
      </p>
      {grid.map((axis, i) => (
        <AxisRow
          key={i}
          axis={axis}
          paths={[axis.path, ...free]}
          onChange={(next) => replace(i, next)}
          onRemove={() => onChange(grid.filter((_, k) => k !== i))}
        />
      ))}
      {issues
        .filter(({ path }) => path.startsWith('grid'))
        .map(({ path, message }) => (
          <p key={path + message} className="fault" role="alert">
            {path}: {message}
          </p>
        ))}
      <div>
        <button
          type="button"
          disabled={free.length === 0}
          onClick={() =>
            onChange([...grid, { path: free.includes('seed') ? 'seed' : free[0]!, values: free.includes('seed') ? [1, 2, 3] : [] }])
          }
        >
          Vary a field
        </button>
      </div>
    </fieldset>
  );
}

const asText = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ');

function parse(text: string): unknown[] | null {
  try {
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    // bare words stand for texts: tanh, relu
    const words = text.split(',').map((word) => word.trim());
    return words.every((word) => /^[a-zA-Z][\w]*$/.test(word)) ? words : null;
  }
}

function AxisRow({
  axis,
  paths,
  onChange,
  onRemove,
}: {
  axis: Axis;
  paths: readonly string[];
  onChange: (axis: Axis) => void;
  onRemove: () => void;
}) {
  const [text, setText] = useState(asText(axis.values));
  const parsed = parse(text);
  useEffect(() => {
    setText((typed) => (axis.unread || JSON.stringify(parse(typed)) === JSON.stringify(axis.values) ? typed : asText(axis.values)));
  }, [axis.values, axis.unread]);
  return (
    <div className="axis">
      <select aria-label="Field that varies" value={axis.path} onChange={(event) => onChange({ ...axis, path: event.target.value })}>
        {paths.map((path) => (
          <option key={path}>{path}</option>
        ))}
      </select>
      <div className="stack" style={{ gap: 4 }}>
        <textarea
          aria-label={`Values of ${axis.path}`}
          className={`code${parsed ? '' : ' invalid'}`}
          aria-invalid={!parsed}
          rows={Math.min(6, 1 + Math.floor(text.length / 44))}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            const values = parse(event.target.value);
            onChange(values ? { path: axis.path, values } : { ...axis, unread: true });
          }}
        />
        {!parsed && <span className="fault">not a list of JSON values</span>}
      </div>
      <button type="button" className="quiet" onClick={onRemove} aria-label={`Do not vary ${axis.path}`}>
        Remove
      </button>
    </div>
  );
}
