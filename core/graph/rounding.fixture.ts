/**
 * @file For the tests: how far a float32 evaluation may be from the exact one, derived value by value (running error analysis).
 *
 * With u = 2⁻²⁴ every rounding is a factor 1 + δ, |δ| ≤ u, and a sum of n terms in any order has the error γₙ Σ|xᵢ|, γₙ = n u/(1 - n u). An
 * input that is rounded to float32 is off by u|x|; then each op takes the bounds e of its inputs to the bound of its result:
 * - what is linear by itself (reshape, slice, sum, …): the op applied to the bounds, and its own sum's γₙ applied to the magnitudes;
 * - products and quotients: the largest magnitude there can be, (|a| + e)(|b| + e') or (|a| + e)/(|b| - e'), less |a||b| or |a|/|b|;
 * - functions: the largest slope in [x - e, x + e] times e; norms are 1-Lipschitz, the logarithm of the sum of exponentials is so in the
 *   largest entry, hence 2 for `logSoftmax`.
 * The library's elementary functions are taken to be right to 4 units in the last place. Source: Higham 2002, sections 3.1 and 3.3.
 */
import { opOf } from './builder.ts';
import { broadcastIndex } from './elementwise.ts';
import { sizeOf, type Node, type Values } from './node.ts';
import { topologicalOrder } from './order.ts';
import { reducedShape } from './shapes.ts';

const u = 2 ** -24;
const gamma = (n: number): number => (n * u) / (1 - n * u);
/** Units in the last place that an elementary function may be off. */
const elementary = 4 * u;

interface Bounded {
  readonly value: Values;
  readonly bound: Float64Array;
}
const magnitudes = (x: Values): Float64Array => Float64Array.from(x, Math.abs);
const plus = (a: Values, b: Values): Float64Array => Float64Array.from(a, (x, i) => x + b[i]!);
const zeros = (n: number): Float64Array => new Float64Array(n);

/** Values that move to other places, or are added up at most once each. */
const moves = new Set([
  'reshape',
  'broadcastTo',
  'transpose',
  'slice',
  'pad',
  'concat',
  'gather',
  'patches',
  'stopGradient',
  'cast',
  'neg',
]);
/** Piecewise constant: right as long as no input is within its bound of a jump, which these networks are far from. */
const steps = new Set(['equal', 'argMax', 'oneHot', 'greater', 'step', 'sign']);
/** Largest |f′| over [x - e, x + e] for functions whose slope is largest at an end, or 1. */
const slopes: Readonly<Record<string, (x: number, e: number) => number>> = {
  tanh: (x, e) => 1 / Math.cosh(Math.max(0, Math.abs(x) - e)) ** 2,
  sigmoid: () => 1 / 4,
  exp: (x, e) => Math.exp(x + e),
  square: (x, e) => 2 * (Math.abs(x) + e),
  sqrt: (x, e) => 1 / (2 * Math.sqrt(Math.max(x - e, Number.MIN_VALUE))),
  reciprocal: (x, e) => 1 / Math.max(Math.abs(x) - e, Number.MIN_VALUE) ** 2,
  log: (x, e) => 1 / Math.max(x - e, Number.MIN_VALUE),
  relu: () => 1,
  abs: () => 1,
};

/** Exact values of the outputs, and how far float32 may be from each. */
export function rounded(outputs: readonly Node[], feeds: Readonly<Record<string, Values>>): Bounded[] {
  const known = new Map<Node, Bounded>();
  for (const node of topologicalOrder(outputs))
    known.set(
      node,
      bounded(
        node,
        node.inputs.map((input) => known.get(input)!),
        feeds,
      ),
    );
  return outputs.map((output) => known.get(output)!);
}

function bounded(node: Node, inputs: readonly Bounded[], feeds: Readonly<Record<string, Values>>): Bounded {
  const apply = (of: readonly Values[]): Values => opOf(node).evaluate([...of], node);
  if (node.op === 'input' || node.op === 'constant') {
    const value = node.op === 'input' ? feeds[node.attrs.name as string]! : apply([]);
    return { value, bound: node.dtype === 'int32' ? zeros(value.length) : Float64Array.from(value, (x) => Math.abs(Math.fround(x) - x)) };
  }
  const value = apply(inputs.map((input) => input.value));
  const own = (terms: number) => Float64Array.from(value, (x) => gamma(terms) * Math.abs(x));
  const ints = node.inputs.map(({ dtype }) => dtype === 'int32');
  const ofBounds = () => magnitudes(apply(inputs.map(({ value: x, bound }, i) => (ints[i] ? x : bound))));
  const [a, b] = inputs as [Bounded, Bounded];
  if (moves.has(node.op)) return { value, bound: ofBounds() };
  if (steps.has(node.op)) return { value, bound: zeros(value.length) };
  const slope = slopes[node.op];
  if (slope) {
    const bound = a.bound.map(
      (e, i) => slope(a.value[i]!, e) * e + (['relu', 'abs'].includes(node.op) ? 0 : elementary * Math.abs(value[i]!)),
    );
    return { value, bound };
  }
  switch (node.op) {
    case 'add':
      return { value, bound: plus(ofBounds(), own(1)) };
    case 'sub':
      return { value, bound: plus(apply([a.bound, b.bound.map((e) => -e)]), own(1)) };
    case 'mul':
    case 'div':
    case 'matMul': {
      const sizes = [magnitudes(a.value), magnitudes(b.value)] as const;
      const away = node.op === 'div' ? b.bound.map((e) => -e) : b.bound;
      const [most, exact] = [apply([plus(sizes[0], a.bound), plus(sizes[1], away)]), apply(sizes)];
      const terms = node.op === 'matMul' ? node.inputs[0]!.shape.at(node.attrs.transposeA ? -2 : -1)! : 1;
      return { value, bound: Float64Array.from(most, (x, i) => x - exact[i]! + gamma(terms) * x) };
    }
    case 'sum':
    case 'scatterAdd':
    case 'fold': {
      const [kh, kw] = (node.attrs.kernel ?? [1, 1]) as [number, number];
      const size = sizeOf(node.inputs[0]!.shape);
      const terms = node.op === 'fold' ? kh * kw : node.op === 'sum' ? Math.max(1, size / value.length) : size;
      const most = apply(inputs.map(({ value: x, bound }, i) => (ints[i] ? x : plus(magnitudes(x), bound))));
      return { value, bound: Float64Array.from(ofBounds(), (e, i) => e + gamma(terms) * most[i]!) };
    }
    case 'norm':
      return { value, bound: plus(ofBounds(), own(sizeOf(node.inputs[0]!.shape) / value.length + 8)) };
    case 'maximum':
    case 'minimum':
      return { value, bound: Float64Array.from(magnitudes(ofBounds())) };
    case 'where':
      return { value, bound: magnitudes(apply([a.value, inputs[1]!.bound, inputs[2]!.bound])) };
    case 'reduceMax':
      return { value, bound: ofBounds() };
    case 'softmax':
    case 'logSoftmax':
      return { value, bound: ofSoftmax(node, a, value) };
    case 'normalize':
      return { value, bound: ofNormalize(node, a, value) };
  }
  throw new RangeError(`rounded: no rule for ${node.op}`);
}

function ofSoftmax({ op, shape }: Node, { value: x, bound }: Bounded, value: Values): Float64Array {
  const width = shape.at(-1)!;
  return Float64Array.from(value, (y, i) => {
    const row = Math.floor(i / width) * width;
    const [e, most] = [Math.max(...bound.subarray(row, row + width)), Math.max(...x.slice(row, row + width).map(Math.abs))];
    const own = gamma(width + 4) + elementary;
    if (op === 'logSoftmax') return 2 * e + own + 2 * u * (most + Math.abs(y));
    return y * (Math.expm1(2 * e) + own + 2 * u * most);
  });
}

/** z = c/s, c = x - mean, s² = mean c² + ε: what c may be off, and s by no more than the root of the mean square of that. */
function ofNormalize(node: Node, { value: x, bound }: Bounded, value: Values): Float64Array {
  const { axes, epsilon } = node.attrs as { axes: readonly number[]; epsilon: number };
  const groups = reducedShape(node.shape, axes, true);
  const index = broadcastIndex(groups, node.shape);
  const n = x.length / sizeOf(groups);
  const over = (of: (i: number) => number) => {
    const total = zeros(sizeOf(groups));
    for (let i = 0; i < x.length; i++) total[index[i]!]! += of(i) / n;
    return total;
  };
  const [mean, size, shift] = [over((i) => x[i]!), over((i) => Math.abs(x[i]!)), over((i) => bound[i]!)];
  const off = bound.map((e, i) => e + shift[index[i]!]! + gamma(n + 1) * size[index[i]!]! + u * Math.abs(x[i]! - mean[index[i]!]!));
  const scale = over((i) => (x[i]! - mean[index[i]!]!) ** 2).map((variance) => Math.sqrt(variance + epsilon));
  const wide = over((i) => off[i]! ** 2).map((square, g) => Math.sqrt(square) + gamma(n + 6) * scale[g]!);
  return Float64Array.from(value, (z, i) => {
    const [s, ds] = [scale[index[i]!]!, wide[index[i]!]!];
    return (off[i]! + Math.abs(z) * ds) / Math.max(s - ds, Number.MIN_VALUE) + gamma(4) * Math.abs(z);
  });
}
