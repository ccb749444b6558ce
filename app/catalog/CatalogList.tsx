'use client';
/** @file Reads the catalog off the server and lays it out by kind. */
import type { Field } from '#core/define.ts';
import { useRequest } from '../_live/hooks.ts';
import { FormulaLine } from '../_ui/Formula.tsx';
import type { CatalogEntry } from '../new/draft.ts';

const query = '{ catalog { kind name title formula about source unit axes cost fields } }';
const titles: Readonly<Record<string, string>> = {
  network: 'Networks',
  activation: 'Activations',
  init: 'Initializations',
  optimizer: 'Optimizers',
  schedule: 'Learning-rate schedules',
  clipping: 'Gradient clipping',
  regularizer: 'Regularizers',
  loss: 'Losses',
  dataset: 'Data',
  metric: 'Metrics',
};
const costs: Readonly<Record<string, string>> = {
  step: 'a by-product of every step',
  pass: 'an extra forward pass',
  product: 'Hessian-vector products',
  weights: 'arithmetic on a snapshot of the weights',
  samples: 'gradients of single examples on a probe batch',
  gram: 'kernels of a probe batch',
};

interface Listed extends CatalogEntry {
  readonly unit: string | null;
  readonly cost: string | null;
}

export function CatalogList() {
  const { data, error } = useRequest<{ catalog: Listed[] }>(query);
  if (error) return <p className="fault">{error.message}</p>;
  if (!data) return <p className="muted">Asking for the catalog</p>;
  return (
    <>
      <h1>Catalog</h1>
      {Object.entries(titles).map(([kind, title]) => (
        <section key={kind} className="stack" id={kind}>
          <h2>{title}</h2>
          <div className="grid-2">
            {data.catalog
              .filter((entry) => entry.kind === kind)
              .map((entry) => (
                <article key={entry.name} className="card stack" id={`${kind}-${entry.name}`} style={{ gap: 8 }}>
                  <div className="row between">
                    <strong style={{ fontWeight: 560 }}>{entry.title}</strong>
                    <code className="muted">{entry.name}</code>
                  </div>
                  <FormulaLine tex={entry.formula} />
                  <p className="muted small">
                    {entry.about} ({entry.source})
                  </p>
                  {entry.cost && (
                    <p className="small">
                      Cost: {costs[entry.cost]}
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
