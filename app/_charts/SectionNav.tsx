'use client';
/** @file The sections of a long page of charts, as links that stay in sight; the one that is read is marked. */
import { useEffect, useState } from 'react';
import type { Section } from './sections.ts';

export function SectionNav({ sections }: { sections: readonly Section[] }) {
  const [current, setCurrent] = useState<string | null>(null);
  const key = sections.map(({ name }) => name).join();
  useEffect(() => {
    // the address may have named a section before there was one
    if (key && location.hash.startsWith('#charts-')) document.querySelector(location.hash)?.scrollIntoView();
  }, [key]);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        const entered = entries.find(({ isIntersecting }) => isIntersecting);
        setCurrent((now) => entered?.target.id ?? (entries.some(({ target }) => target.id === now) ? null : now));
      },
      { rootMargin: '-25% 0px -74% 0px' }, // a line a quarter down the window
    );
    for (const name of key.split(',')) {
      const section = document.getElementById(`charts-${name}`);
      if (section) observer.observe(section);
    }
    return () => observer.disconnect();
  }, [key]);
  if (sections.length < 2) return null;
  return (
    <nav className="section-nav" aria-label="Sections of charts">
      {sections.map(({ name, title }) => (
        <a key={name} href={`#charts-${name}`} aria-current={current === `charts-${name}` ? 'true' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}
