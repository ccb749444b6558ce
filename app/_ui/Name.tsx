'use client';
/** @file The reader's display name: asked once, shown beside notes. */
import { useEffect, useState, type FormEvent } from 'react';
import { request, type RequestError } from '../_live/client.ts';
import { Dialog } from './Dialog.tsx';

export interface Person {
  readonly id: string;
  readonly name: string | null;
}

const changed = 'plateau:name';

/** Who reads; null until the server has said. */
export function useMe(): Person | null {
  const [me, setMe] = useState<Person | null>(null);
  useEffect(() => {
    const ask = () => void request<{ me: Person | null }>('{ me { id name } }').then(({ me: person }) => setMe(person), console.error);
    ask();
    window.addEventListener(changed, ask);
    return () => window.removeEventListener(changed, ask);
  }, []);
  return me;
}

export async function setDisplayName(name: string): Promise<void> {
  await request('mutation ($name: String!) { setDisplayName(name: $name) { id } }', { name });
  window.dispatchEvent(new Event(changed));
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
