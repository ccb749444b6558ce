'use client';
/** @file A formula in the text, set by KaTeX. */
import katex from 'katex';
import { useEffect, useRef, useState } from 'react';
import { partsOf } from './typeset.ts';

export function Formula({ tex }: { tex: string }) {
  return <span dangerouslySetInnerHTML={{ __html: katex.renderToString(tex, { throwOnError: false, trust: false, strict: false }) }} />;
}

/** A formula on a line of its own. Where it is wider than its place it scrolls, and only then the keyboard stops at it. */
export function FormulaLine({ tex }: { tex: string }) {
  const line = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = line.current!;
    const measure = () => setScrolls(element.scrollWidth > element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    void document.fonts.ready.then(measure); // what is in it grows when its fonts come
    return () => observer.disconnect();
  }, [tex]);
  return (
    <div ref={line} className="scroll formula-line" {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': 'formula' } : {})}>
      {partsOf(tex).map((part, i) => (
        <Formula key={i} tex={part} />
      ))}
    </div>
  );
}
