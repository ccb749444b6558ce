'use client';
/** @file One note with its replies; its author may edit and delete it, anyone may reply and resolve. */
import { useEffect, useRef, useState } from 'react';
import type { RequestError } from '../_live/client.ts';
import type { Person } from '../_ui/Name.tsx';
import { RelativeTime } from '../_ui/Time.tsx';
import { Text } from './Markdown.tsx';
import { placeName, type Comment, type Note, type NotesState } from './useNotes.ts';
import { Writer } from './Writer.tsx';

export function Thread({ note, me, state }: { note: Note; me: Person | null; state: NotesState }) {
  const { act, opened, open } = state;
  const [replying, setReplying] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
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
            void act('resolveAnnotation', '$id: ID!, $resolved: Boolean!', { id: note.id, resolved: !note.resolved }).then(
              () => setFault(null),
              (error: RequestError) => setFault(error.message),
            )
          }
        >
          {note.resolved ? 'reopen' : 'resolve'}
        </button>
      </div>
      {fault && <p className="fault">{fault}</p>}
      {replying && (
        <Writer
          label="Reply"
          action="Reply"
          send={(body) => act('addComment', '$annotationId: ID!, $body: String!', { annotationId: note.id, body })}
          cancel={() => setReplying(false)}
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
        <Writer label="Edit" action="Save" initial={item.body} send={edit} cancel={() => setEditing(false)} />
      ) : (
        <Text>{item.body}</Text>
      )}
      {fault && <p className="fault">{fault}</p>}
    </div>
  );
}
