'use client';
/** @file The entries of one kind as cards: formula, words, source, and a picture where the entry computes one. */
import Link from 'next/link';
import { useRequest } from '../_live/hooks.ts';
import { FormulaLine } from '../_ui/Formula.tsx';
import { Words } from '../_ui/Words.tsx';
import { catalogQuery, costs, defaultOptions, titleOf, type Listed } from './entries.ts';
import { drawnKinds, EntryPicture } from './EntryPicture.tsx';
import './catalog.css';

export function KindPage({ kind }: { kind: string }) {
  const { data, error } = useRequest<{ catalog: Listed[] }>(catalogQuery);
  const entries = data?.catalog.filter((entry) => entry.kind === kind) ?? [];
  return (
    <>
      <p className="small">
        <Link href="/catalog">Catalog</Link>
      </p>
      <h1>{titleOf(kind)}</h1>
      {error && <p className="fault">{error.message}</p>}
      {!data && !error && <p className="muted">Asking for the catalog</p>}
      {data && entries.length === 0 && (
        <p>
          The catalog has no kind called {kind}. <Link href="/catalog">All that it has</Link>
        </p>
      )}
      <div className="grid-2 catalog-cards">
        {entries.map((entry) => (
          <Card key={entry.name} entry={entry} />
        ))}
      </div>
    </>
  );
}

function Card({ entry }: { entry: Listed }) {
  const { kind, name, title, formula, about, source, cost, unit, fields } = entry;
  const options = Object.keys(fields);
  return (
    <article className="card stack" id={name} style={{ gap: 8 }}>
      <div className="row between">
        <Link href={`/catalog/${kind}/${name}`} style={{ fontWeight: 560 }}>
          {title}
        </Link>
        <code className="muted">{name}</code>
      </div>
      <FormulaLine tex={formula} />
      {drawnKinds.has(kind) && <EntryPicture kind={kind} options={defaultOptions(entry)} title={title} />}
      <p className="muted small">
        <Words>{about}</Words> ({source})
      </p>
      {cost && (
        <p className="small">
          Cost: {costs[cost] ?? cost}
          {unit ? `. Unit: ${unit}` : ''}
        </p>
      )}
      {options.length > 0 && (
        <p className="small muted">
          Options: <span className="mono">{options.join(', ')}</span>
        </p>
      )}
    </article>
  );
}
