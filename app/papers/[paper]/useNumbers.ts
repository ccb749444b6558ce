'use client';
/** @file The numbers of a measurement on this server: asked for again as it goes on, the last ones kept until the next are there. */
import { useEffect, useRef, useState } from 'react';
import type { Finding } from '#core/papers/claim.ts';
import { findingFromJson } from '#core/papers/findingJson.ts';
import { request } from '../../_live/client.ts';
import { findingNumbers, type FindingBrief, type FindingNumbers } from '../documents.ts';

export interface Numbers {
  readonly id: string;
  /** Null before the first of them. */
  readonly finding: Finding | null;
  /** Runs that were trained for it; null where it draws its numbers. */
  readonly runs: number | null;
  readonly error: string | null;
}

export function useNumbers(of: FindingBrief | null): Numbers | null {
  const [numbers, setNumbers] = useState<Numbers | null>(null);
  const newest = useRef(0);
  const asked = useRef(0);
  const [id, state, share] = [of?.id, of?.state, of?.share];
  useEffect(() => {
    if (id === undefined) return;
    const order = ++asked.current;
    const take = (next: Omit<Numbers, 'id'>) => {
      if (order < newest.current) return; // overtaken by a later answer
      newest.current = order;
      setNumbers({ id, ...next });
    };
    // not aborted when the next is asked for: a slow line would never see one
    request<{ finding: FindingNumbers | null }>(findingNumbers, { id }).then(
      ({ finding }) => {
        const counts = finding?.experiment?.counts;
        take({
          finding: finding?.finding ? findingFromJson(finding.finding) : null,
          runs: counts ? Object.values(counts).reduce((sum, count) => sum + count, 0) : null,
          error: null,
        });
      },
      (error: Error) => take({ finding: null, runs: null, error: error.message }),
    );
  }, [id, state, share]);
  // of a measurement that has just ended they stand until the verdict's own are there
  return of === null || numbers?.id === id ? numbers : null;
}
