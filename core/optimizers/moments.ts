/** @file What an optimizer is given. */
import type { ParameterRole } from '../define.ts';
import type { Node, Shape } from '../graph/node.ts';

/**
 * Parameters of equal shape and role are updated together: a group is one tensor [G, ...shape] whose first axis runs over its members.
 * So an optimizer is written once, for a stack, and a thousand narrow layers cost a handful of nodes.
 */
export interface OptimizerMoment {
  readonly role: ParameterRole;
  readonly weights: Node; // [G, …]
  readonly gradient: Node; // [G, …], of the loss plus coupled regularizers
  /** This step's: [], or [G, 1, …] where the members differ. */
  readonly learningRate: Node;
  /** A constant that stands beside gradients or weights (ε, decay), in the unit that the parameterization gives them. */
  readonly inUnits: (value: number) => Node | number;
  readonly step: Node; // [] float, 1 at the first update
  readonly slot: (name: string) => Node; // [G, …], zero at the start
  /** One of `Optimizer.memberSlots`, a number per member. */
  readonly memberSlot: (name: string) => Node; // [G, 1, …], zero at the start
  /** Independent standard normal numbers, new in every step. */
  readonly noise: () => Node; // [G, …]
  /** One of `Optimizer.scalars`, []. */
  readonly scalar: (name: string) => Node;
  /** What `Optimizer.solver` gives for this stack, of the shape it is asked for in. */
  readonly solution: (name: string, shape: Shape) => Node;
}
