'use client';
/** @file The spec as JSON beside the form: either side changes the other. */
import { useEffect, useState } from 'react';
import type { Draft } from './draft.ts';

export function SpecText({
  draft,
  onChange,
  fault,
  onFault,
}: {
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Why what is typed is no spec. */
  fault: string | null;
  onFault: (fault: string | null) => void;
}) {
  const [text, setText] = useState('');
  useEffect(() => {
    setText((typed) => (sameJson(typed, draft) ? typed : JSON.stringify(draft, null, 2)));
    onFault(null);
  }, [draft, onFault]);
  const type = (typed: string) => {
    setText(typed);
    try {
      const value = JSON.parse(typed) as unknown;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('a spec is a JSON object');
      onFault(null);
      onChange(value as Draft);
    } catch (error) {
      onFault((error as Error).message);
    }
  };
  return (
    <div className="stack" style={{ gap: 4 }}>
      <label htmlFor="spec-json">
        <h2>Spec as JSON</h2>
      </label>
      <textarea
        id="spec-json"
        className={`code${fault ? ' invalid' : ''}`}
        rows={24}
        spellCheck={false}
        aria-invalid={fault !== null}
        aria-describedby={fault ? 'spec-json-fault' : undefined}
        value={text}
        onChange={(event) => type(event.target.value)}
      />
      {fault && (
        <span id="spec-json-fault" className="fault">
          {fault}
        </span>
      )}
    </div>
  );
}

function sameJson(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}
