/** @file Words as a page sets them: powers raised, indices lowered, a minus in front of numbers. */
import { Fragment } from 'react';
import { piecesOf } from './typeset.ts';

export function Words({ children }: { children: string }) {
  return piecesOf(children).map(({ text, place }, i) =>
    place === 'above' ? <sup key={i}>{text}</sup> : place === 'below' ? <sub key={i}>{text}</sub> : <Fragment key={i}>{text}</Fragment>,
  );
}
