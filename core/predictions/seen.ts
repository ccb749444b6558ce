/** @file What a prediction may know of a run besides its spec. */

export interface Seen {
  /** Rows of one of `reads` up to a step and including it, oldest first. */
  readonly rows: (metric: string, until: number) => readonly { readonly step: number; readonly values: readonly number[] }[];
  /** Inputs of the probe batch; null where they come from files. */
  readonly probe: () => readonly ArrayLike<number>[] | null;
}
