/** @file A link that opens the form filled in: the draft travels behind the #, which no server sees and no length limit cuts. */
import type { Axis, Draft } from './draft.ts';

export interface Prefill {
  /** May be sparse; what it does not say takes its default. */
  readonly spec: Draft;
  readonly grid?: readonly Axis[];
  readonly title?: string;
  readonly question?: string;
}

export const newExperimentLink = (prefill: Prefill): string => `/new#${encodeURIComponent(JSON.stringify(prefill))}`;

/** Null for any other hash, or one that was cut. */
export function prefillOf(hash: string): Prefill | null {
  try {
    const value = JSON.parse(decodeURIComponent(hash.replace(/^#/, ''))) as Partial<Prefill> | null;
    return typeof value?.spec === 'object' && value.spec !== null ? (value as Prefill) : null;
  } catch {
    return null;
  }
}
