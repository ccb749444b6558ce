'use client';
/** @file The notes beside the charts: the form for the next one, then the threads, newest first. */
import { useState } from 'react';
import { useMe } from '../_ui/Name.tsx';
import { Thread } from './Thread.tsx';
import { Writer } from './Writer.tsx';
import { placeName, type NotesState } from './useNotes.ts';

export function Notes({ notes: state }: { notes: NotesState }) {
  const { experimentId, notes, picked, chosen, pick, act, loading } = state;
  const me = useMe();
  const [withResolved, setWithResolved] = useState(false);

  const send = async (body: string) => {
    await act('addAnnotation', '$input: AddAnnotationInput!', {
      input: { experimentId, metric: picked.metric, anchor: picked.anchor, body },
    });
    pick(null);
  };
  const resolved = notes.filter((note) => note.resolved).length;
  const shown = notes.filter((note) => withResolved || !note.resolved || note.id === state.opened).toReversed();
  return (
    <aside className="card notes stack" aria-label="notes">
      <h2>Notes</h2>
      <div className="row small muted" style={{ gap: 6 }}>
        <span>on {placeName(picked)}</span>
        {chosen && (
          <button type="button" className="linkish" aria-label="Let go of the place" onClick={() => pick(null)}>
            ✕
          </button>
        )}
      </div>
      <Writer label="Note" action="Add note" rows={3} send={send}>
        {resolved > 0 && (
          <button type="button" className="linkish" onClick={() => setWithResolved(!withResolved)}>
            {withResolved ? 'hide' : 'show'} {resolved} resolved
          </button>
        )}
      </Writer>
      {!loading && notes.length === 0 && (
        <p className="muted small">
          Choose a point of a chart<span className="with-mouse">, or shift-drag an interval or a band of layers</span>: a note is about a
          place.
        </p>
      )}
      {shown.map((note) => (
        <Thread key={note.id} note={note} me={me} state={state} />
      ))}
    </aside>
  );
}
