'use client';
/** @file The picture of an entry, computed in the page once it comes into view; the mathematics is loaded with the first one. */
import { useEffect, useRef, useState } from 'react';
import type { Options } from '#core/define.ts';
import type { Picture } from '#core/pictures.ts';
import { Drawing, Numbers } from './Drawing.tsx';

/** Kinds that have one; the others take no room. */
export const drawnKinds: ReadonlySet<string> = new Set(['activation', 'init', 'optimizer', 'schedule', 'regularizer', 'loss', 'dataset']);
/** Those drawn from training steps, which are more to load. */
const trained: ReadonlySet<string> = new Set(['optimizer', 'regularizer']);

async function drawn(kind: string, options: Options): Promise<Picture | null> {
  if (trained.has(kind)) return (await import('#core/trainedPictures.ts')).trainedPicture(kind, options);
  return (await import('#core/pictures.ts')).picture(kind, options.kind, options);
}

export function EntryPicture({
  kind,
  options,
  title,
  numbers = false,
}: {
  kind: string;
  options: Options;
  title: string;
  numbers?: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const [picture, setPicture] = useState<Picture | null | undefined>(undefined);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && setNear(true), {
      rootMargin: '300px',
    });
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  const key = JSON.stringify(options);
  useEffect(() => {
    if (!near) return;
    let gone = false;
    drawn(kind, JSON.parse(key) as Options).then(
      (made) => !gone && (setPicture(made), setFault(null)),
      (error: Error) => !gone && setFault(error.message),
    );
    return () => {
      gone = true;
    };
  }, [near, kind, key]);
  return (
    <div ref={place} style={picture === undefined ? { minHeight: 240 } : undefined}>
      {fault && <p className="fault">{fault}</p>}
      {picture && <Drawing picture={picture} label={title} />}
      {picture && numbers && <Numbers picture={picture} />}
    </div>
  );
}
