/** @file Where each parameter lies among the stacks. */
import type { Parameter } from '../define.ts';
import type { RunPlan } from './plan.ts';

export interface Place {
  /** Index into `RunPlan.stacks`. */
  readonly stack: number;
  readonly member: number;
  /** The part of its stack's values that is its own, in place. */
  of(weights: ReadonlyMap<string, Float64Array>): Float64Array;
}

export const placesOf = ({ stacks }: RunPlan): ReadonlyMap<Parameter, Place> =>
  new Map(
    stacks.flatMap(({ name, members }, stack) =>
      members.map((parameter, member) => {
        const of = (weights: ReadonlyMap<string, Float64Array>) => {
          const all = weights.get(name)!;
          const size = all.length / members.length;
          return all.subarray(member * size, (member + 1) * size);
        };
        return [parameter, { stack, member, of }] as const;
      }),
    ),
  );
