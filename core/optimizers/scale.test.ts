/** @file How updates depend on the unit of the loss: a law of every optimizer without a solver, on random sequences of gradients (fast-check). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaults, entry } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import type { Values } from '../graph/node.ts';
import { optimizers } from './index.ts';

const size = 4;
/** The changes of a tensor [1, 4] over a sequence of gradients, each the given number times what is drawn. */
function changes(kind: string, gradients: readonly number[][], factor: number, options: object): Float64Array[] {
  const optimizer = entry('optimizer', kind);
  const all = { ...defaults('optimizer', kind), ...options };
  const g = createBuilder('float64');
  const { change, slots } = optimizer.update(
    g,
    {
      role: 'weight',
      weights: g.input('weights', [1, size]),
      gradient: g.input('gradient', [1, size]),
      learningRate: g.constant(0.1),
      inUnits: (value) => value,
      step: g.input('step', []),
      slot: (name) => g.input(name, [1, size]),
      memberSlot: (name) => g.input(name, [1, 1]),
      scalar: (name) => g.input(name, []),
      noise: () => g.constant(0, [1, size]),
      solution: () => assert.fail('there is none'),
    },
    all,
  );
  const names = [...optimizer.slots, ...(optimizer.memberSlots ?? [])];
  let memory: Record<string, Values> = Object.fromEntries(
    names.map((name) => [name, new Float64Array(optimizer.slots.includes(name) ? size : 1)]),
  );
  let weights = new Float64Array(size).fill(1);
  return gradients.map((gradient, t) => {
    const scalars = Object.entries(optimizer.scalars?.(t + 1, all) ?? {}).map(([name, value]) => [name, Float64Array.of(value)] as const);
    const feeds = {
      ...memory,
      ...Object.fromEntries(scalars),
      weights,
      step: Float64Array.of(t + 1),
      gradient: Float64Array.from(gradient, (of) => factor * of),
    };
    const [moved, ...next] = evaluate([change, ...names.map((name) => slots[name]!)], feeds) as Float64Array[];
    memory = Object.fromEntries(names.map((name, i) => [name, next[i]!]));
    weights = weights.map((value, i) => value + moved![i]!);
    return moved!;
  });
}

const sequence = fc.array(
  fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.double({ min: -1e3, max: -1e-3, noNaN: true })), {
    minLength: size,
    maxLength: size,
  }),
  { minLength: 1, maxLength: 6 },
);
const near = (a: readonly Float64Array[], b: readonly Float64Array[], times: number, tolerance: number, kind: string) =>
  a.forEach((values, t) =>
    values.forEach((value, i) => {
      const wanted = times * b[t]![i]!;
      assert.ok(
        Math.abs(value - wanted) <= tolerance * Math.max(Math.abs(wanted), 1e-3),
        `${kind}, step ${t + 1}: ${value}, not ${wanted}`,
      );
    }),
  );

for (const [kind, { gradientPower = 1, solver, fields }] of Object.entries(optimizers) as [
  string,
  ReturnType<typeof entry<'optimizer'>>,
][]) {
  if (solver) continue; // Newton's kind: the gradient's unit goes into what is solved
  test(`${kind}: a loss ten times as large ${gradientPower === 0 ? 'leaves every update as it was, ε in the unit of the gradient' : 'makes every update ten times as large'}`, () => {
    const still = {
      ...('decay' in fields && kind !== 'rmsprop' ? { decay: 0 } : {}),
      ...('temperature' in fields ? { temperature: 0 } : {}),
    };
    const epsilon = (value: number) => ('epsilon' in fields ? { epsilon: value } : {});
    fc.assert(
      fc.property(sequence, fc.constantFrom(1e-8, 1e-3, 1), (gradients, eps) => {
        const plain = changes(kind, gradients, 1, { ...still, ...epsilon(eps) });
        const scaled = changes(kind, gradients, 10, { ...still, ...epsilon(10 * eps) });
        near(scaled, plain, gradientPower === 0 ? 1 : 10, 1e-9, kind);
      }),
      { numRuns: 40 },
    );
  });
  if (gradientPower === 0 && 'epsilon' in fields)
    test(`${kind}: with ε as it is an update changes by less than ε over the smallest gradient, relatively`, () => {
      const still = 'decay' in fields && kind !== 'rmsprop' ? { decay: 0 } : {};
      fc.assert(
        fc.property(fc.array(fc.double({ min: 1e-2, max: 1e2, noNaN: true }), { minLength: size, maxLength: size }), (gradient) => {
          const [plain, scaled] = [1, 10].map((factor) => changes(kind, [gradient], factor, { ...still, epsilon: 1e-6 }));
          // the first step divides by √(c v) + ε with c ≥ 0.01 (RMSprop’s 1 - decay): ε/√(c v) ≤ 1e-6/(0.1 · 1e-2)
          near(scaled!, plain!, 1, 1.1e-3, kind);
        }),
        { numRuns: 40 },
      );
    });
}
