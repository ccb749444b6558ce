/** @file What the parameterization means for the update of one stack: numbers where its members agree, else one per member. */
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';
import { ofMembers, type RunPlan, type Stack } from './plan.ts';
import type { Factors } from './scalings.ts';

/** A factor of each member of a stack: a number where they agree, else [G, 1, …]. */
function eachMember(g: Builder, { scalings }: RunPlan, { members, shape }: Stack, of: (factors: Factors) => number): number | Node {
  const values = Float64Array.from(members, (member) => of(scalings.get(member)!));
  return values.every((value) => value === values[0]) ? values[0]! : g.constant(values, ofMembers(shape));
}

/** m^a: W = m^a w. */
export const unitOf = (g: Builder, plan: RunPlan, stack: Stack): number | Node => eachMember(g, plan, stack, ({ unit }) => unit);

/** @param base the calibrated base rates of the first steps, [G, 1, …]; null where they take the learning rate */
export function createRates(
  g: Builder,
  plan: RunPlan,
  stack: Stack,
  { learningRate, step, base }: { learningRate: Node; step: Node; base: Node | null },
) {
  const factors = stack.members.map((member) => plan.scalings.get(member)!);
  const each = (of: (factors: Factors) => number) => eachMember(g, plan, stack, of);
  const times = (x: Node, factor: number | Node): Node => (factor === 1 ? x : g.mul(x, factor));
  const node = (factor: number | Node): Node => (typeof factor === 'number' ? g.constant(factor) : factor);
  /** `first` in the first updates, `later` from then on; their number is the same for the whole network. */
  const inTime = (x: Node, first: number | Node, later: number | Node, steps: number): Node =>
    first === later ? times(x, later) : g.mul(x, g.where(g.greater(step, steps + 0.5), node(later), node(first)));
  const scheduled = (of: 'rate' | 'decay'): Node => {
    const [early, late] = [each(({ [of]: [first] }) => first), each(({ [of]: [, later] }) => later)];
    const { firstSteps } = factors[0]!;
    if (base) return g.where(g.greater(step, firstSteps + 0.5), times(learningRate, late), times(base, early));
    const same = factors.every(({ [of]: [first, later] }) => first === later);
    return same ? times(learningRate, late) : inTime(learningRate, early, late, firstSteps);
  };
  const unit = unitOf(g, plan, stack);
  const kept = each((of) => of.kept);
  return {
    rate: scheduled('rate'),
    /** For decay beside the optimizer, which acts on W. */
    decay: () => scheduled('decay'),
    /** W from w; the gradient with respect to w from that with respect to m^a W. */
    inUnits: (x: Node): Node => times(x, unit),
    /** The gradient with respect to W. */
    outOfUnits: (gradient: Node): Node => (unit === 1 ? gradient : g.div(gradient, unit)),
    constantInUnits: (value: number): Node | number => (unit === 1 ? value : typeof unit === 'number' ? value * unit : g.mul(unit, value)),
    /** What the first update starts from; later ones from what is there. */
    remaining: (before: Node): Node => (kept === 1 ? before : inTime(before, kept, 1, 1)),
  };
}
