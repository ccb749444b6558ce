/**
 * @file Which rows count. An attempt that takes a run up again at a step repeats that step and those after it, so rows of older
 * attempts at or after the seam no longer count. Bytes are never rewritten: every reader of chunks asks here.
 */
export interface SeamMark {
  readonly attempt: number;
  readonly step: number;
}

/** Rows of `attempt` count before this step; Infinity where no later attempt has taken over. */
export function endOfAttempt(seams: readonly SeamMark[], attempt: number): number {
  let end = Infinity;
  for (const seam of seams) if (seam.attempt > attempt) end = Math.min(end, seam.step);
  return end;
}

/** How many rows of a chunk count, from its first; `steps` are non-decreasing. */
export function liveRows(steps: Float64Array, attempt: number, seams: readonly SeamMark[]): number {
  const end = endOfAttempt(seams, attempt);
  if (steps.length === 0 || steps[steps.length - 1]! < end) return steps.length;
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! < end) low = middle + 1;
    else high = middle;
  }
  return low;
}
