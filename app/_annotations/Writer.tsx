'use client';
/** @file Where a note or a reply is written: asks for the name once, Ctrl or ⌘ with Enter sends, Escape leaves, a refusal keeps the text. */
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import type { RequestError } from '../_live/client.ts';
import { askMe, NameDialog } from '../_ui/Name.tsx';

export function Writer({
  label,
  action,
  initial = '',
  rows = 2,
  send,
  cancel,
  children,
}: {
  label: string;
  action: string;
  initial?: string;
  rows?: number;
  send: (body: string) => Promise<void>;
  /** For forms that open and close. */
  cancel?: () => void;
  children?: ReactNode;
}) {
  const [body, setBody] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const post = () => {
    setBusy(true);
    setFault(null);
    send(body.trim())
      .then(
        () => (cancel ? cancel() : setBody('')),
        (error: RequestError) => setFault(error.message),
      )
      .finally(() => setBusy(false));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy || body.trim() === '') return;
    // a form that has just opened may not know yet who writes
    askMe().then(
      (me) => (me?.name ? post() : setAsking(true)),
      (error: RequestError) => setFault(error.message),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
    else if (event.key === 'Escape') cancel?.();
  };
  return (
    <>
      <form onSubmit={submit} className="stack" style={{ gap: 8 }}>
        <textarea
          aria-label={label}
          rows={rows}
          value={body}
          maxLength={10_000}
          autoFocus={cancel !== undefined}
          placeholder="Markdown, formulas in $…$"
          onChange={(event) => setBody(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="row">
          <button className="primary" disabled={busy || body.trim() === ''}>
            {action}
          </button>
          {cancel && (
            <button type="button" className="quiet" onClick={cancel}>
              Cancel
            </button>
          )}
          {children}
        </div>
        {fault && <p className="fault">{fault}</p>}
      </form>
      {/* outside the form, whose submit would hear the dialog's; with a name given the text goes out; a dialog that was only closed leaves it in the form */}
      <NameDialog open={asking} onClose={() => setAsking(false)} onSaved={post} />
    </>
  );
}
