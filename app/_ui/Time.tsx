'use client';
/** @file Times as people say them, the exact one on hover. */
import { useEffect, useState, useSyncExternalStore } from 'react';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 20_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = now === null ? 0 : Math.max(0, (now - Date.parse(at)) / 1000);
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? [null, 1];
  const text =
    now === null
      ? ''
      : unit === null
        ? 'just now'
        : new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'narrow' }).format(Math.floor(seconds / size)) + ' ago';
  return (
    <time dateTime={at} title={new Date(at).toISOString()} className="muted small">
      {text}
    </time>
  );
}

/** 75 → "1 min 15 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 1) return 'under 1 s';
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.round(seconds % 60)];
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s} s` : `${s} s`;
}

const eachSecond = (tick: () => void): (() => void) => {
  const timer = setInterval(tick, 1_000);
  return () => clearInterval(timer);
};
const never = (): (() => void) => () => {};
const second = (): number => Math.floor(Date.now() / 1_000) * 1_000;

/** The time to the second while `ticking`, in milliseconds. */
export const useNow = (ticking: boolean): number => useSyncExternalStore(ticking ? eachSecond : never, ticking ? second : () => 0, () => 0);
