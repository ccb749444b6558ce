/** @file Every op on every one of its cases: shape, both derivatives against differences, second derivatives, and the edges of the numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuilder, type Builder } from '../builder.ts';
import { cotangents, gradient, hessianVector, tangent } from '../differentiate.ts';
import { evaluate } from '../evaluate.ts';
import { sizeOf, type Node } from '../node.ts';
import { allCases, difference, instance, scalarThrough } from '../testing.ts';
import { rng } from '../../rng.ts';
import { ops } from './index.ts';

type Feeds = Record<string, Float64Array>;

/** Directional derivative by central differences at two distances, extrapolated (Richardson 1911): error of order h⁴, about 1e-11 here. */
function numerical(value: (feeds: Feeds) => Float64Array, feeds: Feeds, direction: Feeds): Float64Array {
  const at = (t: number) =>
    value(Object.fromEntries(Object.entries(feeds).map(([name, x]) => [name, x.map((v, i) => v + t * direction[name]![i]!)])));
  const central = (h: number) => {
    const [plus, minus] = [at(h), at(-h)];
    return plus.map((v, i) => (v - minus[i]!) / (2 * h));
  };
  const h = 1e-3;
  const [coarse, fine] = [central(h), central(h / 2)];
  return fine.map((v, i) => (4 * v - coarse[i]!) / 3);
}
const directionFor = (feeds: Feeds, seed: number): Feeds => {
  const random = rng(seed, 'test', 7);
  return Object.fromEntries(Object.entries(feeds).map(([name, x]) => [name, x.map(() => random.normal())]));
};
const constants = (g: Builder, inputs: readonly Node[], values: Feeds): Node[] =>
  inputs.map(({ shape }, i) => g.constant(values[`x${i}`]!, shape));
const run = (outputs: Node[], feeds: Feeds) => evaluate(outputs, feeds).map((values) => Float64Array.from(values));
// differences of values near 1 lose 1e-16/h = 1e-13; the truncation error of curved ops is the larger part
const tolerance = 2e-8;

for (const each of allCases()) {
  const differentiable = each.of.differentiable !== false && each.of.inputs.length > 0;

  test(`${each.name}: as many values as the shape says, the same twice`, () => {
    const g = createBuilder('float64');
    const { output, feeds } = instance(g, each);
    const [values] = run([output], feeds);
    assert.equal(values!.length, sizeOf(output.shape));
    assert.deepEqual(run([output], feeds)[0], values);
    assert.equal(instance(g, each).output, output, 'equal nodes are one node');
  });
  if (!differentiable) continue;

  test(`${each.name}: forward and reverse agree with differences and with each other`, () => {
    const g = createBuilder('float64');
    const { inputs, output, feeds } = instance(g, each);
    const direction = directionFor(feeds, 3);
    const [forward] = run(tangent(g, [output], inputs, constants(g, inputs, direction)), feeds);
    const differences = numerical((at) => run([output], at)[0]!, feeds, direction);
    assert.equal(difference(forward!, differences, tolerance), null);
    // ⟨J v, u⟩ = ⟨v, Jᵀ u⟩
    const random = rng(4, 'test');
    const u = Float64Array.from({ length: sizeOf(output.shape) }, () => random.normal());
    const back = cotangents(g, [output], [g.constant(u, output.shape)], inputs).map((node, i) => node ?? g.constant(0, inputs[i]!.shape));
    const left = forward!.reduce((sum, v, i) => sum + v * u[i]!, 0);
    const right = run(back, feeds).reduce(
      (sum, values, i) => sum + values.reduce((inner, v, k) => inner + v * direction[`x${i}`]![k]!, 0),
      0,
    );
    assert.ok(Math.abs(left - right) <= 1e-12 * Math.max(1, Math.abs(left)), `${left} against ${right}`);
  });

  test(`${each.name}: Hessian-vector products agree with differences of the gradient`, () => {
    const g = createBuilder('float64');
    const { inputs, output, feeds } = instance(g, each);
    const loss = scalarThrough(g, output);
    const direction = directionFor(feeds, 5);
    const slopes = gradient(g, loss, inputs);
    const products = run(hessianVector(g, loss, inputs, constants(g, inputs, direction)), feeds);
    products.forEach((product, i) => {
      const differences = numerical((at) => run([slopes[i]!], at)[0]!, feeds, direction);
      assert.equal(difference(product, differences, 20 * tolerance), null, `input ${i}`);
    });
  });
}

test('a name is a name: key, op and the node it makes', () => {
  for (const [key, op] of Object.entries(ops)) assert.equal(op.name, key);
});

test('NaN and infinity pass through elementwise ops as IEEE 754 says', () => {
  const expected: Record<string, [nan: number, plus: number, minus: number]> = {
    neg: [NaN, -Infinity, Infinity],
    exp: [NaN, Infinity, 0],
    tanh: [NaN, 1, -1],
    sigmoid: [NaN, 1, 0],
    erf: [NaN, 1, -1],
    abs: [NaN, Infinity, Infinity],
    sign: [NaN, 1, -1],
    relu: [NaN, Infinity, 0],
    square: [NaN, Infinity, Infinity],
    reciprocal: [NaN, 0, -0],
    sqrt: [NaN, Infinity, NaN],
    log: [NaN, Infinity, NaN],
    floor: [NaN, Infinity, -Infinity],
    step: [0, 1, 0], // a comparison: NaN is not above 0
  };
  for (const [name, wanted] of Object.entries(expected)) {
    const g = createBuilder('float64');
    const y = (g as unknown as Record<string, (x: Node) => Node>)[name]!(g.input('x', [3]));
    assert.equal(difference(evaluate([y], { x: Float64Array.of(NaN, Infinity, -Infinity) })[0]!, Float64Array.from(wanted), 0), null, name);
  }
});

test('an empty axis is refused, and so is what does not fit', () => {
  const g = createBuilder('float64');
  assert.throws(() => g.input('x', [0, 3]), /every axis must be a positive integer, got \[0,3\] \(an empty batch\?\)/);
  const [a, b] = [g.input('a', [2, 3]), g.input('b', [4, 5])];
  assert.throws(() => g.add(a, b), /shapes \[2,3\] and \[4,5\] do not broadcast/);
  assert.throws(() => g.matMul(a, b), /inner sizes .* must agree/);
  assert.throws(() => g.reshape(a, [4]), /has 6 values, \[4\] takes 4/);
  assert.throws(() => g.slice(a, 1, 2, 2), /0 <= start < end <= 3/);
  assert.throws(() => g.concat([], 0), /at least one node/);
  assert.throws(() => g.sum(a, [2]), /axes must be integers from -2 to 1, got \[2\]/);
  assert.throws(() => g.gather(a, b), /indices must be int32, got float64/);
});

test('norm has no squares on the way: 1e-200 and 1e200 keep their length', () => {
  const g = createBuilder('float64');
  const y = g.norm(g.input('x', [2, 2]), [1]);
  const [values] = evaluate([y], { x: Float64Array.of(3e-200, 4e-200, 3e200, 4e200) });
  assert.ok(Math.abs(values![0]! / 5e-200 - 1) < 1e-15 && Math.abs(values![1]! / 5e200 - 1) < 1e-15);
});
