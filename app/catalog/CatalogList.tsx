'use client';
/** @file Reads the catalog off the server and lays it out by kind. */
import Link from 'next/link';
import type { Field } from '#core/define.ts';
import { useRequest } from '../_live/hooks.ts';
import { FormulaLine } from '../_ui/Formula.tsx';
import { catalogQuery, costs, defaultOptions, kindsOf, titleOf, type Listed } from './entries.ts';
import { drawnKinds, EntryPicture } from './EntryPicture.tsx';

export function CatalogList() {
  const { data, error } = useRequest<{ catalog: Listed[] }>(catalogQuery);
  if (error) return <p className="fault">{error.message}</p>;
  if (!data) return <p className="muted">Asking for the catalog</p>;
  return (
    <>
      <h1>Catalog</h1>
      {kindsOf(data.catalog).map((kind) => (
        <section key={kind} className="stack" id={kind}>
          <h2>{titleOf(kind)}</h2>
          <div className="grid-2">
            {data.catalog
              .filter((entry) => entry.kind === kind)
              .map((entry) => (
                <article key={entry.name} className="card stack" id={`${kind}-${entry.name}`} style={{ gap: 8 }}>
                  <div className="row between">
                    <Link href={`/catalog/${kind}/${entry.name}`} style={{ fontWeight: 560 }}>
                      {entry.title}
                    </Link>
                    <code className="muted">{entry.name}</code>
                  </div>
                  <FormulaLine tex={entry.formula} />
                  <p className="muted small">
                    {entry.about} ({entry.source})
                  </p>
                  {drawnKinds.has(kind) && <EntryPicture kind={kind} options={defaultOptions(entry)} title={entry.title} />}
                  {entry.cost && (
                    <p className="small">
                      Cost: {costs[entry.cost] ?? entry.cost}
                      {entry.unit ? `. Unit: ${entry.unit}` : ''}
                    </p>
                  )}
                  {Object.keys(entry.fields).length > 0 && (
                    <dl className="facts small">
                      {Object.entries(entry.fields).map(([name, field]) => (
                        <div key={name} style={{ display: 'contents' }}>
                          <dt className="mono">{name}</dt>
                          <dd>{describe(field)}</dd>
                        </div>
                      ))}
                    </dl>
                  )}
                </article>
              ))}
          </div>
        </section>
      ))}
    </>
  );
}

function describe(field: Field): string {
  const range =
    field.type === 'choice'
      ? field.choices.join(', ')
      : field.type === 'boolean'
        ? 'true or false'
        : field.type === 'text'
          ? 'text'
          : `${field.min.toLocaleString('en')} to ${field.max.toLocaleString('en')}`;
  return `${field.title}${field.unit ? ` (${field.unit})` : ''}: ${range}; default ${String(field.default) || 'empty'}`;
}
