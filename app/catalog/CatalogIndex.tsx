'use client';
/** @file All of the catalog on one page, by kind: a line for each entry, and a filter. */
import Link from 'next/link';
import { useMemo, useRef, useState } from 'react';
import { useRequest } from '../_live/hooks.ts';
import { Words } from '../_ui/Words.tsx';
import { useCommands } from '../_ui/commands.ts';
import { catalogQuery, kindsOf, matching, titleOf, type Listed } from './entries.ts';
import './catalog.css';

export function CatalogIndex() {
  const { data, error } = useRequest<{ catalog: Listed[] }>(catalogQuery);
  const [words, setWords] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useCommands(
    useMemo(() => [{ id: 'filter', title: 'Filter the catalog', section: 'Catalog', keys: '/', run: () => box.current?.focus() }], []),
  );
  const all = data?.catalog ?? [];
  const shown = matching(all, words);
  const kinds = kindsOf(shown);
  return (
    <>
      <div className="row between">
        <h1>Catalog</h1>
        <input
          ref={box}
          type="search"
          className="catalog-filter"
          aria-label="Filter"
          placeholder="Filter by name, words or author"
          value={words}
          onChange={({ target }) => setWords(target.value)}
          onKeyDown={({ key }) => key === 'Escape' && (setWords(''), box.current?.blur())}
        />
      </div>
      {error && <p className="fault">{error.message}</p>}
      {!data && !error && <p className="muted">Asking for the catalog</p>}
      {data && (
        <p className="muted small" role="status">
          {words.trim()
            ? `${shown.length} of ${all.length} entries`
            : `${all.length} entries; each has a page with its formula and options`}
        </p>
      )}
      <div className="catalog">
        <nav aria-label="Kinds" className="catalog-kinds">
          {kinds.map((kind) => (
            <a key={kind} href={`#${kind}`}>
              {titleOf(kind)} <span className="muted mono small">{shown.filter((entry) => entry.kind === kind).length}</span>
            </a>
          ))}
        </nav>
        <div className="stack" style={{ gap: 28 }}>
          {data && shown.length === 0 && <p className="muted">Nothing in the catalog matches “{words.trim()}”.</p>}
          {kinds.map((kind) => (
            <section key={kind} id={kind} aria-label={titleOf(kind)}>
              <h2>
                <Link href={`/catalog/${kind}`}>{titleOf(kind)}</Link>
              </h2>
              <ul className="plain catalog-rows">
                {shown
                  .filter((entry) => entry.kind === kind)
                  .map(({ name, title, about }) => (
                    <li key={name} id={`${kind}-${name}`}>
                      <Link href={`/catalog/${kind}/${name}`} title={name}>
                        {title}
                      </Link>
                      <span className="muted small">
                        <Words>{about}</Words>
                      </span>
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </>
  );
}
