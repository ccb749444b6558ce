'use client';
/** @file One choice of the spec: which entry of the catalog, what it is, and its options. */
import { FormulaLine } from '../_ui/Formula.tsx';
import { Words } from '../_ui/Words.tsx';
import { FieldInput } from './FieldInput.tsx';
import { kindOf, valueAt, withValue, type CatalogEntry, type Draft, type Issue } from './draft.ts';

const titles: Readonly<Record<string, string>> = {
  network: 'Network',
  activation: 'Activation',
  init: 'Initialization',
  parameterization: 'Parameterization',
  optimizer: 'Optimizer',
  schedule: 'Learning-rate schedule',
  clipping: 'Gradient clipping',
  regularizer: 'Regularizer',
  loss: 'Loss',
  dataset: 'Data',
};
export const entryKinds = Object.keys(titles);

export function EntryFields({
  kind,
  entries,
  draft,
  issues,
  note = null,
  onChange,
}: {
  kind: string;
  entries: readonly CatalogEntry[];
  draft: Draft;
  issues: readonly Issue[];
  /** What happened to this choice without being asked. */
  note?: string | null;
  onChange: (draft: Draft) => void;
}) {
  const name = kindOf(valueAt(draft, kind)) || entries[0]?.name;
  const entry = entries.find((candidate) => candidate.name === name);
  const faults = issues.filter(({ path }) => path === kind || path === `${kind}.kind`);
  return (
    <fieldset className="card stack" style={{ margin: 0 }}>
      <div className="row between">
        <h2 id={`kind-${kind}`}>{titles[kind]}</h2>
        <select
          id={`field-${kind}`}
          className="entry-choice"
          aria-labelledby={`kind-${kind}`}
          aria-invalid={faults.length > 0}
          value={name}
          onChange={(event) => onChange(withValue(draft, kind, { kind: event.target.value }))}
        >
          {!entry && (
            <option value={name} disabled>
              {name}: not in the catalog
            </option>
          )}
          {entries.map((candidate) => (
            <option key={candidate.name} value={candidate.name}>
              {candidate.title}
            </option>
          ))}
        </select>
      </div>
      {entry && (
        <div className="stack small" style={{ gap: 4 }}>
          <FormulaLine tex={entry.formula} />
          <p className="muted">
            <Words>{entry.about}</Words> <span style={{ whiteSpace: 'nowrap' }}>({entry.source})</span>
          </p>
        </div>
      )}
      {note && (
        <p className="small" role="status">
          {note}
        </p>
      )}
      {faults.map(({ message }) => (
        <p key={message} className="fault" role="alert">
          {message}
        </p>
      ))}
      {entry && Object.keys(entry.fields).length > 0 && (
        <div className="fields">
          {Object.entries(entry.fields).map(([field, definition]) => {
            const path = `${kind}.${field}`;
            return (
              <FieldInput
                key={path}
                path={path}
                field={definition}
                value={valueAt(draft, path)}
                issues={issues}
                onChange={(value) => onChange(withValue(draft, path, value))}
              />
            );
          })}
        </div>
      )}
    </fieldset>
  );
}
