'use client';
/** @file One entry of the catalog: what it is, its picture, and its options to try out. */
import Link from 'next/link';
import { useState } from 'react';
import { useRequest } from '../_live/hooks.ts';
import { FormulaLine } from '../_ui/Formula.tsx';
import { Trail } from '../_ui/Trail.tsx';
import { Words } from '../_ui/Words.tsx';
import { RelativeTime } from '../_ui/Time.tsx';
import { FieldInput } from '../new/FieldInput.tsx';
import { newExperimentLink } from '../new/link.ts';
import { catalogQuery, costs, defaultOptions, faultOf, titleOf, type Listed } from './entries.ts';
import { entryKinds } from '../new/EntryFields.tsx';
import { drawnKinds, EntryPicture } from './EntryPicture.tsx';
import './catalog.css';

const specKinds: ReadonlySet<string> = new Set(entryKinds);

export function EntryPage({ kind, name }: { kind: string; name: string }) {
  const { data, error } = useRequest<{ catalog: Listed[] }>(catalogQuery);
  if (error) return <p className="fault">{error.message}</p>;
  if (!data) return <p className="muted">Asking for the catalog</p>;
  const entry = data.catalog.find((candidate) => candidate.kind === kind && candidate.name === name);
  if (!entry)
    return (
      <>
        <h1>No such entry</h1>
        <p>
          The catalog has no {kind} called {name}. <Link href="/catalog">All that it has</Link>
        </p>
      </>
    );
  return <Entry key={`${kind} ${name}`} entry={entry} />;
}

function Entry({ entry }: { entry: Listed }) {
  const { kind, name, title, fields } = entry;
  const [options, setOptions] = useState(() => defaultOptions(entry));
  const issues = Object.entries(fields).flatMap(([field, definition]) => {
    const message = faultOf(definition, options[field]);
    return message ? [{ path: field, message }] : [];
  });
  return (
    <div className="stack">
      <Trail
        label="Where this entry belongs"
        places={[
          { href: '/catalog', text: 'Catalog' },
          { href: `/catalog/${kind}`, text: titleOf(kind) },
        ]}
      />
      <div className="row" style={{ alignItems: 'baseline', gap: 12 }}>
        <h1>{title}</h1>
        <code className="muted">{name}</code>
      </div>
      <div className="entry">
        <div className="stack">
          <FormulaLine tex={entry.formula} />
          <p style={{ maxWidth: '68ch' }}>
            <Words>{entry.about}</Words>
          </p>
          <dl className="facts small">
            <dt>Source</dt>
            <dd>{entry.source}</dd>
            {entry.unit && (
              <>
                <dt>Unit</dt>
                <dd>{entry.unit}</dd>
              </>
            )}
            {entry.cost && (
              <>
                <dt>Cost</dt>
                <dd>{costs[entry.cost] ?? entry.cost}</dd>
                <dt>One value per</dt>
                <dd>{entry.axes?.length ? entry.axes.join(' and ') : 'step'}</dd>
              </>
            )}
          </dl>
          {drawnKinds.has(kind) && issues.length === 0 && <EntryPicture kind={kind} options={options} title={title} numbers />}
        </div>
        <div className="stack" style={{ gap: 24 }}>
          {Object.keys(fields).length > 0 && (
            <section className="stack" aria-label="Options">
              <h2>Options</h2>
              {drawnKinds.has(kind) && <p className="muted small">The picture follows. Nothing here is kept.</p>}
              <div className="fields">
                {Object.entries(fields).map(([field, definition]) => (
                  <FieldInput
                    key={field}
                    path={field}
                    field={definition}
                    value={options[field]}
                    issues={issues}
                    onChange={(value) => setOptions({ ...options, [field]: value as string | number | boolean })}
                  />
                ))}
              </div>
            </section>
          )}
          {(specKinds.has(kind) || kind === 'metric') && <Uses kind={kind} name={name} />}
        </div>
      </div>
    </div>
  );
}

interface Use {
  readonly runs: number;
  readonly experiment: { readonly id: string; readonly title: string; readonly createdAt: string };
}
const usesQuery =
  'query ($kind: String!, $name: String!) { experimentsUsing(kind: $kind, name: $name) { runs experiment { id title createdAt } } }';

/** Where it was used last, and a way to use it; of a metric, where it was recorded. */
function Uses({ kind, name }: { kind: string; name: string }) {
  const recorded = kind === 'metric';
  const heading = recorded ? 'Runs that record it' : 'Runs that use it';
  const { data, error } = useRequest<{ experimentsUsing: Use[] }>(usesQuery, { kind, name });
  return (
    <section className="stack" aria-label={heading}>
      <div className="row between">
        <h2>{heading}</h2>
        {!recorded && (
          <Link className="button" href={newExperimentLink({ spec: { [kind]: { kind: name } } })}>
            Try it
          </Link>
        )}
      </div>
      {error && <p className="fault">{error.message}</p>}
      {data?.experimentsUsing.length === 0 && <p className="muted">None here yet.</p>}
      <ul className="plain stack" style={{ gap: 4 }}>
        {data?.experimentsUsing.map(({ runs, experiment: { id, title, createdAt } }) => (
          <li key={id} className="row">
            <Link href={`/experiments/${id}`}>{title}</Link>
            <span className="muted small">
              {runs} {runs === 1 ? 'run' : 'runs'}, <RelativeTime at={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
