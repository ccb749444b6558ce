/**
 * @file What an optimizer has solved on the host before some steps: systems whose solution no graph of a fixed size and of float32 could
 * give, such as inverses. The graph measures, the host solves in float64, the training step reads the solutions as held tensors.
 */
import type { Options, Parameter, ParameterRole } from './define.ts';
import type { Builder } from './graph/builder.ts';
import type { Node, Shape } from './graph/node.ts';

/** Parameters that are updated together, as the plan of a run stacks them. */
export interface StackOf {
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: Shape; // [G, …]
  readonly members: readonly Parameter[];
}

/** A kernel that is applied as x K. */
export interface DenseKernel {
  readonly name: string;
  readonly x: Node; // [B, in]
  /** δ, the slope of each example's loss at x K. */
  readonly slopes: Node; // [B, out]
}

export interface SolverMoment {
  readonly weights: readonly Node[]; // [G, …] in the order of the stacks
  readonly outputs: Node; // [B, K]
  readonly targets: Node; // [B] or [B, K]
  readonly dense: readonly DenseKernel[];
  /** A unit vector over the outputs of the batch. Asking for it has everything measured once for each of them, in row-major order. */
  readonly probe: () => Node; // [B, K]
}

/** Tensors by name, each time's values one behind the other; in float64. */
export type Measured = Readonly<Record<string, Float64Array>>;

/** What the cost of a solution depends on. */
export interface SolverSize {
  readonly parameters: readonly Parameter[];
  /** Multiplications of one example on its way forward. */
  readonly perExample: number;
  readonly batchSize: number;
  readonly outputs: number;
}

export interface Solver {
  /** Steps from one solution to the next. */
  every(options: Options): number;
  /** Floating-point operations of a step besides those of the gradient, host and graph together. */
  flops(size: SolverSize, options: Options): number;
  /** Tensors of the step's own batch at the weights before the step, dropout aside. */
  measure(g: Builder, moment: SolverMoment, options: Options): Readonly<Record<string, Node>>;
  /**
   * What the step is given under `stack/name`, or under a name of its own, and what `before` shall hold the next time: nothing at step 0.
   */
  solve(measured: Measured, before: Measured, stacks: readonly StackOf[], options: Options): Measured;
}
