/** @file Every activation and its derivative on ONNX Runtime: in float64 to rounding, in float32 within the bound that its own graph gives. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { activations } from '#core/activations/index.ts';
import { defaults } from '#core/catalog.ts';
import { createBuilder, type FloatType } from '#core/graph/builder.ts';
import { gradient } from '#core/graph/differentiate.ts';
import { evaluate } from '#core/graph/evaluate.ts';
import { sizeOf, type Node } from '#core/graph/node.ts';
import { topologicalOrder } from '#core/graph/order.ts';
import { rng } from '#core/rng.ts';
import { run } from './agreement.fixture.ts';
import { openOnnx } from './onnx.ts';

const onnx = await openOnnx();
after(() => onnx.close());

const points = [-1000, -30, -5.5, -2, -0.9, -0.1, -1e-4, -0, 0, 1e-4, 0.3, 0.5, 1, 1.7, 4, 30, 1000].map(Math.fround);

/** An activation of a vector, with its derivative. */
function build(name: string, options: object, size: number, precision: FloatType) {
  const g = createBuilder(precision);
  const x = g.input('x', [size]);
  const y = activations[name as keyof typeof activations].apply(g, x, { ...defaults('activation', name), ...options });
  return { g, x, outputs: [y, gradient(g, g.sum(y), [x])[0]!] };
}

/**
 * How far a float32 result may be off at a point, to first order: each node is wrong by a unit of its last place unless float32 holds it
 * exactly (tanh and the like by a few units of 1, whatever their size, but where they saturate they are 1), and reaches the result by its
 * derivative.
 */
function bound(name: string, options: object, at: number, order: number): number {
  const { g, outputs } = build(name, options, 1, 'float64');
  const nodes = topologicalOrder([outputs[order]!]).filter(({ op }) => op !== 'input');
  const reach = gradient(g, g.sum(outputs[order]!), nodes);
  const values = evaluate([...nodes, ...reach], { x: Float64Array.of(at) });
  return nodes.reduce((sum, { op }, i) => {
    const [value, slope] = [Math.abs(values[i]![0]!), Math.abs(values[nodes.length + i]![0]!)];
    const approximated = ['tanh', 'sigmoid', 'erf', 'sin', 'cos', 'exp'].includes(op);
    const exactly = approximated ? ['tanh', 'erf'].includes(op) && value === 1 : Math.fround(value) === value;
    if (exactly) return sum;
    const size = approximated && op !== 'exp' ? Math.max(1, value) : value;
    return sum + (approximated ? 4 : 1) * 2 ** -23 * size * slope;
  }, 2 ** -120);
}

const forms: readonly (readonly [string, object])[] = Object.entries(activations).flatMap(([name, { fields }]) => {
  const choice = Object.entries(fields).find(([, field]) => field.type === 'choice');
  if (choice?.[1].type !== 'choice') return [[name, {}] as const];
  return choice[1].choices.map((value) => [name, { [choice[0]]: value }] as const);
});

for (const [name, options] of forms) {
  const exact = () => {
    const { outputs } = build(name, options, points.length, 'float64');
    return evaluate(outputs, { x: Float64Array.from(points) });
  };
  const tried = (precision: FloatType) => {
    const { g, x, outputs } = build(name, options, points.length, precision);
    return run(onnx, g, [x], outputs, { x: Float64Array.from(points) });
  };
  test(`${name} ${JSON.stringify(options)} on ONNX Runtime: float64 to 1e-12, float32 within the bound of its graph`, async () => {
    const wanted = exact();
    const [double, single] = [await tried('float64'), await tried('float32')];
    wanted.forEach((values, order) =>
      values.forEach((value, i) => {
        const what = `derivative ${order} at ${points[i]}: ${value}`;
        assert.ok(Math.abs(double[order]![i]! - value) <= 1e-12 * Math.max(1, Math.abs(value)), `${what}, float64 ${double[order]![i]}`);
        const most = bound(name, options, points[i]!, order);
        assert.ok(most < 1e-5 * Math.max(1, Math.abs(value), Math.abs(points[i]!)), `${what}: a bound of ${most} says nothing`);
        assert.ok(Math.abs(single[order]![i]! - value) <= most, `${what}, float32 ${single[order]![i]}, allowed ${most}`);
      }),
    );
  });
  // what an evaluation runs: with no derivative that wants the parts, ONNX Runtime fuses them, in whatever precisions its fused kernels have
  test(`${name} ${JSON.stringify(options)} without derivatives on ONNX Runtime: float64 to 1e-12, float32 to 1e-5`, async () => {
    for (const [precision, tolerance] of [
      ['float64', 1e-12],
      ['float32', 1e-5],
    ] as const) {
      const g = createBuilder(precision);
      const [x, kernel, bias] = [g.input('x', [3, 4]), g.input('kernel', [4, 4]), g.input('bias', [4])];
      const activate = (z: Node) =>
        activations[name as keyof typeof activations].apply(g, z, { ...defaults('activation', name), ...options });
      const layer = (z: Node) => activate(g.add(g.matMul(z, kernel), bias));
      const y = g.matMul(layer(g.normalize(layer(x), [1], 1e-3)), kernel);
      const random = rng(3, 'test');
      const feeds = Object.fromEntries(
        [x, kernel, bias].map(({ attrs, shape }) => {
          const values = Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal()));
          return [String(attrs.name), values];
        }),
      );
      const [wanted] = evaluate([y], feeds);
      const [got] = await run(onnx, g, [x, kernel, bias], [y], feeds);
      const size = Math.max(1, ...wanted!.map(Math.abs));
      got!.forEach((value, i) => assert.ok(Math.abs(value - wanted![i]!) <= tolerance * size, `${precision}: ${value} for ${wanted![i]}`));
    }
  });
}

test('in float32 the logistic loss has a second derivative, ELU its straight part and softplus a tail, to 1e-5 of each', async () => {
  const at = [-80, -17, -10, -1e-5, 10, 12, 15, 17, 40, 80].map(Math.fround);
  const g = createBuilder('float32');
  const x = g.input('x', [at.length]);
  const bend = (y: Node) => gradient(g, g.sum(gradient(g, g.sum(y), [x])[0]!), [x])[0]!;
  const softplus = activations.softplus.apply(g, x, defaults('activation', 'softplus'));
  const elu = activations.elu.apply(g, x, defaults('activation', 'elu'));
  const found = await run(onnx, g, [x], [softplus, bend(softplus), elu], { x: Float64Array.from(at) });
  const forms = [
    (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    (z: number) => Math.exp(-Math.abs(z)) / (1 + Math.exp(-Math.abs(z))) ** 2,
    (z: number) => (z > 0 ? z : Math.expm1(z)),
  ];
  forms.forEach((form, i) =>
    at.forEach((z, k) => assert.ok(Math.abs(found[i]![k]! / form(z) - 1) < 1e-5, `${i} at ${z}: ${found[i]![k]}, not ${form(z)}`)),
  );
});
