/**
 * @file What an optimizer has solved on the host before some steps: systems whose solution no graph of a fixed size and of float32 could
 * give, such as inverses. The graph measures, the host solves in float64, the training step reads the solutions as held tensors.
 */
import type { Options, Parameter, ParameterRole } from './define.ts';
import type { Builder } from './graph/builder.ts';
import { sizeOf, type Node, type Shape } from './graph/node.ts';

/** Parameters that are updated together, as the plan of a run stacks them. */
export interface StackOf {
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: Shape; // [G, …]
  readonly members: readonly Parameter[];
}

/** A kernel that is applied as x K; that of a convolution to the patches at each of T places of the image. */
export interface AppliedKernel {
  readonly name: string;
  /** T, 1 for dense layers. */
  readonly places: number;
  readonly x: Node; // [B T, in]
  /** δ, the slope of each example's loss at x K. */
  readonly slopes: Node; // [B T, out]
}

export interface SolverMoment {
  /** Those that are trained. */
  readonly weights: readonly Node[]; // [G, …] in the order of the stacks
  /** m^a of each, a number or [G, 1, …]: the parameterization trains W = m^a w. */
  readonly units: readonly (number | Node)[];
  readonly outputs: Node; // [B, K]
  readonly targets: Node; // [B] or [B, K]
  readonly kernels: readonly AppliedKernel[];
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

export interface SolvedRun {
  readonly stacks: readonly StackOf[];
  /** T of each measured kernel, by name. */
  readonly places: ReadonlyMap<string, number>;
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
  solve(measured: Measured, before: Measured, run: SolvedRun, options: Options): Measured;
}

/** A kernel as the matrix it is applied as: all it reads, by what it gives. */
export const matrixShape = (kernel: Shape): readonly [read: number, given: number] => [sizeOf(kernel.slice(0, -1)), kernel.at(-1)!];
