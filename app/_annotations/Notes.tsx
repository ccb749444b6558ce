'use client';
/** @file The notes beside the charts: the form for the next one, then the threads, newest first. */
import { useState, type FormEvent } from 'react';
import type { RequestError } from '../_live/client.ts';
import { NameDialog, useMe } from '../_ui/Name.tsx';
import { Thread } from './Thread.tsx';
import { placeName, type NotesState } from './useNotes.ts';

export function Notes({ notes: state }: { notes: NotesState }) {
  const { experimentId, notes, picked, chosen, pick, act, loading } = state;
  const me = useMe();
  const [body, setBody] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [withResolved, setWithResolved] = useState(false);

  const send = () => {
    setBusy(true);
    setFault(null);
    act('addAnnotation', '$input: AddAnnotationInput!', {
      input: { experimentId, metric: picked.metric, anchor: picked.anchor, body: body.trim() },
    })
      .then(
        () => {
          setBody('');
          pick(null);
        },
        (error: RequestError) => setFault(error.message),
      )
      .finally(() => setBusy(false));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body.trim() === '') return;
    if (me?.name) send();
    else setAsking(true);
  };
  const resolved = notes.filter((note) => note.resolved).length;
  const shown = notes.filter((note) => withResolved || !note.resolved || note.id === state.opened).toReversed();
  return (
    <aside className="card notes stack" aria-label="notes">
      <h2>Notes</h2>
      <form onSubmit={submit} className="stack" style={{ gap: 8 }}>
        <div className="row small muted" style={{ gap: 6 }}>
          <span>on {placeName(picked)}</span>
          {chosen && (
            <button type="button" className="linkish" aria-label="Let go of the place" onClick={() => pick(null)}>
              ✕
            </button>
          )}
        </div>
        <textarea
          aria-label="Note"
          rows={3}
          value={body}
          maxLength={10_000}
          placeholder="Markdown, formulas in $…$"
          onChange={(event) => setBody(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
          }}
        />
        <div className="row">
          <button className="primary" disabled={busy || body.trim() === ''}>
            Add note
          </button>
          {resolved > 0 && (
            <button type="button" className="linkish" onClick={() => setWithResolved(!withResolved)}>
              {withResolved ? 'hide' : 'show'} {resolved} resolved
            </button>
          )}
        </div>
        {fault && <p className="fault">{fault}</p>}
      </form>
      {!loading && notes.length === 0 && (
        <p className="muted small">Click a point of a chart, or shift-drag an interval or a band of layers, to say what a note is about.</p>
      )}
      {shown.map((note) => (
        <Thread key={note.id} note={note} me={me} state={state} />
      ))}
      {/* with a name given the note goes out; a dialog that was only closed leaves it in the form */}
      <NameDialog open={asking} onClose={() => setAsking(false)} onSaved={send} />
    </aside>
  );
}
