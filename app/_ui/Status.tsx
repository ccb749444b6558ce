/** @file A run's status as a word with a dot; the words are those of the protocol. */
import type { Status } from '#core/protocol.ts';

const colours: Record<Status, string> = {
  queued: 'var(--muted)',
  running: 'var(--accent)',
  paused: 'var(--warn)',
  stalled: 'var(--warn)',
  diverged: 'var(--bad)',
  stopped: 'var(--muted)',
  crashed: 'var(--bad)',
  finished: 'var(--good)',
};

export function StatusBadge({ status, reason }: { status: Status; reason?: string | null }) {
  return (
    <span className="status" title={reason ?? undefined}>
      <span className="dot" style={{ background: colours[status] }} />
      {status}
    </span>
  );
}

export function Progress({ value, label }: { value: number; label: string }) {
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(100 * value)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <i style={{ width: `${100 * value}%` }} />
    </div>
  );
}
