'use client';
/** @file A text in a box with a button that copies it. */
import { useState } from 'react';

export function CopyBlock({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied('yes'),
      () => setCopied('refused'),
    );
  return (
    <div className="stack" style={{ gap: 8 }}>
      <pre className="block" tabIndex={0}>
        {text}
      </pre>
      <div className="row">
        <button onClick={() => void copy()}>Copy {label}</button>
        <span className="muted small" role="status">
          {copied === 'yes' ? 'Copied' : copied === 'refused' ? 'The browser did not allow it; select the text instead' : ''}
        </span>
      </div>
    </div>
  );
}
