/** @file Where a page belongs: the places above it, from the outermost on. */
import Link from 'next/link';
import { Fragment } from 'react';

export interface Place {
  readonly href: string;
  readonly text: string;
  /** Said in full where the text may be cut off. */
  readonly title?: string | undefined;
}

export function Trail({ label, places }: { label: string; places: readonly Place[] }) {
  return (
    <nav className="trail small" aria-label={label}>
      {places.map(({ href, text, title }, i) => (
        <Fragment key={href}>
          {i > 0 && (
            <span className="muted" aria-hidden>
              /
            </span>
          )}
          <Link href={href} title={title}>
            {text}
          </Link>
        </Fragment>
      ))}
    </nav>
  );
}
