'use client';
/** @file The reader's display name: asked once, shown beside notes. */
import { useEffect, useState, useSyncExternalStore, type FormEvent } from 'react';
import { request, type RequestError } from '../_live/client.ts';
import { Dialog } from './Dialog.tsx';

export interface Person {
  readonly id: string;
  readonly name: string | null;
}

// one answer for the page: whoever asks later, as a form that has just opened, knows it at once
let known: Person | null = null;
let asked: Promise<Person | null> | null = null;
const watchers = new Set<() => void>();
function know(person: Person | null): Person | null {
  known = person;
  for (const watcher of watchers) watcher();
  return person;
}

/** Who reads, as the server says; asked once, and again after it could not answer. */
export function askMe(): Promise<Person | null> {
  asked ??= request<{ me: Person | null }>('{ me { id name } }').then(
    ({ me }) => {
      if (me === null) asked = null; // this browser got its cookie with the answer
      return know(me);
    },
    (error: Error) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/** Who reads; null until the server has said. */
export function useMe(): Person | null {
  useEffect(() => void askMe().catch(console.error), []);
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => known,
    () => null,
  );
}

export async function setDisplayName(name: string): Promise<void> {
  const { setDisplayName: person } = await request<{ setDisplayName: Person }>(
    'mutation ($name: String!) { setDisplayName(name: $name) { id name } }',
    { name },
  );
  asked = Promise.resolve(know(person));
}

/** Asks for the name; closes when it is set, and says so. */
export function NameDialog({
  open,
  onClose,
  onSaved,
  initial = '',
}: {
  open: boolean;
  onClose: () => void;
  onSaved?: () => void;
  initial?: string;
}) {
  const [name, setName] = useState(initial);
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setDisplayName(name.trim()).then(
      () => {
        onSaved?.();
        onClose();
      },
      (error: RequestError) => setFault(error.message),
    );
  };
  return (
    <Dialog open={open} onClose={onClose} title="Your display name">
      <form onSubmit={submit} className="stack">
        <p className="muted">It stands beside your notes. Anyone who opens this server can see it.</p>
        <input aria-label="Display name" value={name} onChange={(event) => setName(event.target.value)} maxLength={80} autoFocus />
        {fault && <p className="fault">{fault}</p>}
        <div className="row">
          <button className="primary" disabled={name.trim() === ''}>
            Save name
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function NameButton() {
  const me = useMe();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button className="quiet who" onClick={() => setOpen(true)}>
        {me?.name ?? 'Set your name'}
      </button>
      {open && <NameDialog open onClose={() => setOpen(false)} initial={me?.name ?? ''} />}
    </>
  );
}
