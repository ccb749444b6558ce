'use client';
/** @file A page that failed while it was drawn: what happened, what is safe, what to do next. */
import Link from 'next/link';

export default function Failed({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div className="page">
      <h1>This page could not be drawn</h1>
      <p className="prose">
        The fault is in the page, not in the data: runs go on, and nothing that was recorded is touched. Drawing it again may help; if it
        does not, the line below tells the maintainers where to look.
      </p>
      <pre className="block">{error.message || error.digest || error.name}</pre>
      <div className="row">
        <button type="button" className="primary" onClick={reset}>
          Draw it again
        </button>
        <Link className="button" href="/">
          All experiments
        </Link>
      </div>
    </div>
  );
}
