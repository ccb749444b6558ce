'use client';
/** @file One note with its replies; its author may edit and delete it, anyone may reply and resolve. */
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { RequestError } from '../_live/client.ts';
import type { Person } from '../_ui/Name.tsx';
import { RelativeTime } from '../_ui/Time.tsx';
import { Text } from './Markdown.tsx';
import { placeName, type Comment, type Note, type NotesState } from './useNotes.ts';

export function Thread({ note, me, state }: { note: Note; me: Person | null; state: NotesState }) {
  const { act, opened, open } = state;
  const [replying, setReplying] = useState(false);
  const element = useRef<HTMLElement>(null);
  const isOpen = opened === note.id;
  useEffect(() => {
    if (isOpen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  return (
    <article ref={element} className="note" data-open={isOpen} data-testid="note" id={`note-${note.id}`}>
      <Written
        item={note}
        mine={me?.id === note.author.id}
        edit={(body) => act('editAnnotation', '$id: ID!, $body: String!', { id: note.id, body })}
        remove={() => act('deleteAnnotation', '$id: ID!', { id: note.id })}
      >
        <button type="button" className="linkish" onClick={() => open(isOpen ? null : note.id)} aria-pressed={isOpen}>
          {placeName(note)}
        </button>
        {note.resolved && <span className="muted small">resolved{note.resolvedBy?.name ? ` by ${note.resolvedBy.name}` : ''}</span>}
      </Written>
      {note.comments.map((comment) => (
        <div key={comment.id} style={{ paddingLeft: 12, borderLeft: '1px solid var(--line)' }} data-testid="reply">
          <Written
            item={comment}
            mine={me?.id === comment.author.id}
            edit={(body) => act('editComment', '$id: ID!, $body: String!', { id: comment.id, body })}
            remove={() => act('deleteComment', '$id: ID!', { id: comment.id })}
          />
        </div>
      ))}
      <div className="row">
        <button type="button" className="linkish" onClick={() => setReplying(!replying)}>
          reply
        </button>
        <button
          type="button"
          className="linkish"
          onClick={() =>
            void act('resolveAnnotation', '$id: ID!, $resolved: Boolean!', { id: note.id, resolved: !note.resolved }).catch(console.error)
          }
        >
          {note.resolved ? 'reopen' : 'resolve'}
        </button>
      </div>
      {replying && (
        <Writer
          label="Reply"
          action="Reply"
          initial=""
          send={(body) => act('addComment', '$annotationId: ID!, $body: String!', { annotationId: note.id, body })}
          done={() => setReplying(false)}
        />
      )}
    </article>
  );
}

function Written({
  item,
  mine,
  edit,
  remove,
  children,
}: {
  item: Comment;
  mine: boolean;
  edit: (body: string) => Promise<void>;
  remove: () => Promise<void>;
  children?: React.ReactNode;
}) {
  const [editing, setEditing] = useState(false);
  const [sure, setSure] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  return (
    <div className="stack" style={{ gap: 4 }}>
      <div className="row" style={{ gap: 6 }}>
        <strong>{item.author.name ?? 'someone'}</strong>
        <RelativeTime at={item.createdAt} />
        {item.editedAt && <span className="muted small">edited</span>}
        {mine && (
          <span className="row" style={{ marginLeft: 'auto', gap: 8 }}>
            <button type="button" className="linkish" onClick={() => setEditing(!editing)}>
              edit
            </button>
            <button
              type="button"
              className="linkish"
              onBlur={() => setSure(false)}
              onClick={() => (sure ? void remove().catch((error: RequestError) => setFault(error.message)) : setSure(true))}
            >
              {sure ? 'really delete' : 'delete'}
            </button>
          </span>
        )}
      </div>
      {children && (
        <div className="row" style={{ gap: 8 }}>
          {children}
        </div>
      )}
      {editing ? (
        <Writer label="Edit" action="Save" initial={item.body} send={edit} done={() => setEditing(false)} />
      ) : (
        <Text>{item.body}</Text>
      )}
      {fault && <p className="fault">{fault}</p>}
    </div>
  );
}

function Writer({
  label,
  action,
  initial,
  send,
  done,
}: {
  label: string;
  action: string;
  initial: string;
  send: (body: string) => Promise<void>;
  done: () => void;
}) {
  const [body, setBody] = useState(initial);
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body.trim()) send(body.trim()).then(done, (error: RequestError) => setFault(error.message));
  };
  return (
    <form onSubmit={submit} className="stack" style={{ gap: 6 }}>
      <textarea aria-label={label} rows={2} value={body} maxLength={10_000} autoFocus onChange={(event) => setBody(event.target.value)} />
      <div className="row">
        <button disabled={body.trim() === ''}>{action}</button>
        <button type="button" className="quiet" onClick={done}>
          Cancel
        </button>
      </div>
      {fault && <p className="fault">{fault}</p>}
    </form>
  );
}
