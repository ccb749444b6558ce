/** @file How grave a diagnosis is, as a word and a sign: never by colour alone. */
import type { Found } from './useDiagnoses.ts';

const signs = { fault: '▲', note: '●' } as const;

export function Severity({ severity }: Pick<Found, 'severity'>) {
  return (
    <span className="severity" data-severity={severity}>
      <span aria-hidden>{signs[severity]}</span> {severity}
    </span>
  );
}

const counted = (count: number, word: string) => (count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]);

/** Beside a run's status: how many of each, by name when pointed at. */
export function FoundBadge({ found }: { found: readonly Found[] }) {
  const faults = found.filter(({ severity }) => severity === 'fault').length;
  const text = [...counted(faults, 'fault'), ...counted(found.length - faults, 'note')].join(', ');
  return text ? (
    <span className="severity small" data-severity={faults > 0 ? 'fault' : 'note'} title={found.map(({ title }) => title).join(', ')}>
      <span aria-hidden>{signs[faults > 0 ? 'fault' : 'note']}</span> {text}
    </span>
  ) : null;
}
