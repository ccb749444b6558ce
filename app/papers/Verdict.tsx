/** @file A verdict as a mark and a word; the marks differ in form, so that colour is not all there is. */
import { CircleCheck, CircleDashed, CircleDotDashed, CircleHelp, CircleX } from 'lucide-react';
import type { Verdict } from '#core/papers/claim.ts';

export type Standing = Verdict | 'measuring' | 'not measured';
const marks = {
  reproduced: [CircleCheck, '--good'],
  contradicted: [CircleX, '--bad'],
  inconclusive: [CircleHelp, '--warn'],
  measuring: [CircleDotDashed, '--accent'],
  'not measured': [CircleDashed, '--muted'],
} as const;

export function VerdictMark({ standing, size = 16 }: { standing: Standing; size?: number }) {
  const [Mark, colour] = marks[standing];
  return <Mark size={size} color={`var(${colour})`} strokeWidth={2} aria-hidden="true" />;
}

export function VerdictBadge({ standing }: { standing: Standing }) {
  return (
    <span className="verdict" data-verdict={standing}>
      <VerdictMark standing={standing} />
      {standing}
    </span>
  );
}
