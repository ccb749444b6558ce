/** @file An optimizer of the catalog on gradients that are given, without a network: what it adds to a stack of tensors, step by step. */
import { defaults, entry } from '../../catalog.ts';
import { createBuilder } from '../../graph/builder.ts';
import { evaluate } from '../../graph/evaluate.ts';

/** Only optimizers whose update needs neither noise nor a solver. Weights stay 0; `gradients`: per step [members · size]. */
export function changesOf(
  kind: string,
  options: Readonly<Record<string, number>>,
  gradients: readonly Float64Array[],
  members: number,
): Float64Array[] {
  const optimizer = entry('optimizer', kind);
  const full = { ...defaults('optimizer', kind), ...options };
  const size = gradients[0]!.length / members;
  const g = createBuilder('float64');
  const shape = [members, size];
  const slots = Object.fromEntries(optimizer.slots.map((name) => [name, g.input(name, shape)]));
  const memberSlots = Object.fromEntries((optimizer.memberSlots ?? []).map((name) => [name, g.input(name, [members, 1])]));
  const known = { ...slots, ...memberSlots };
  const never = (what: string) => () => {
    throw new Error(`${kind} wants ${what}, which is not given here`);
  };
  const step = g.input('step', []);
  const { change, slots: next } = optimizer.update(
    g,
    {
      role: 'weight',
      weights: g.mul(g.input('gradient', shape), 0),
      gradient: g.input('gradient', shape),
      learningRate: g.constant(full.learningRate as number),
      inUnits: (value) => value,
      step,
      slot: (name) => slots[name]!,
      memberSlot: (name) => memberSlots[name]!,
      noise: never('noise'),
      scalar: (name) => g.input(`scalar.${name}`, []),
      solution: never('a solution'),
    },
    full,
  );
  const names = Object.keys(next);
  const outputs = [change, ...names.map((name) => next[name]!)];
  let state: Record<string, Float64Array> = Object.fromEntries(
    Object.keys(known).map((name) => [name, new Float64Array(name in slots ? members * size : members)]),
  );
  return gradients.map((gradient, t) => {
    const scalars = optimizer.scalars?.(t + 1, full) ?? {};
    const [made, ...later] = evaluate(outputs, {
      gradient,
      step: Float64Array.of(t + 1),
      ...state,
      ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [`scalar.${name}`, Float64Array.of(value)])),
    }) as Float64Array[];
    state = { ...state, ...Object.fromEntries(names.map((name, i) => [name, later[i]!])) };
    return made!;
  });
}
