/** @file What derivatives obey whatever the numbers are: on random weights, data and vectors, in every family of networks, in float64. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { entry } from '../catalog.ts';
import { symmetricEigen } from '../curvature/symmetric.ts';
import { lanczos } from '../curvature/lanczos.ts';
import { cotangents, gradient, hessianVector } from '../graph/differentiate.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { sizeOf, type Node, type Values } from '../graph/node.ts';
import { families, familySpec } from '../networks/families.fixture.ts';
import { rng } from '../rng.ts';
import { curvatureObjective } from './curvature.ts';
import { dimension, flatProduct, hessianProduct, type LayeredObjective, type Product } from './lanczos.ts';
import { fisherMatrix, ggnMatrix, hessianMatrix, modelFisherMatrix } from './matrices.ts';
import { initialWeights, planRun } from './plan.ts';

const [rows, classes] = [5, 3];
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const size = (a: Float64Array): number => Math.sqrt(dot(a, a));
/** |a - b| against what both are made of. */
const near = (a: number, b: number, scale: number, what: string) =>
  assert.ok(Math.abs(a - b) <= 1e-9 * scale, `${what}: ${a} and ${b} at ${scale}`);
const nearAll = (a: Float64Array, b: Float64Array, what: string) => {
  const scale = Math.max(size(a), size(b), 1e-6);
  a.forEach((value, i) => near(value, b[i]!, scale, `${what}[${i}]`));
};

/** Biases that fc draws too: an instance is its seed. */
function drawn([, network, dataset]: (typeof families)[number], activation: string, seed: number) {
  const images = 'size' in dataset;
  const data = images ? { inputs: 36, outputs: classes, imageShape: [6, 6, 1] as const } : { inputs: 5, outputs: classes };
  const exact = 'epsilon' in entry('network', network.kind).fields ? { ...network, epsilon: 0 } : network; // the identities of scale are exact then
  const plan = planRun(familySpec(exact, dataset, { activation }), { ...data, targets: 'labels' });
  const objective = curvatureObjective(plan, rows);
  const random = rng(seed, 'test');
  const normals = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const values: Record<string, Values> = {
    curvatureInputs: normals(rows * data.inputs),
    curvatureTargets: Int32Array.from({ length: rows }, () => random.integer(classes)),
  };
  for (const [name, stack] of initialWeights(plan)) values[name] = stack.map((value) => value + 0.2 * random.normal());
  const { g } = objective;
  const total = dimension(objective);
  const vector = g.input('vector', [1, total]);
  const made = new Map<unknown, ReturnType<typeof planEvaluation>>();
  const times = (product: Product | ((vectors: readonly Node[]) => Node[])) => {
    const plans =
      made.get(product) ??
      planEvaluation([
        flatProduct(
          objective,
          product.length === 1 ? (_, v) => (product as (v: readonly Node[]) => Node[])(v) : (product as Product),
          vector,
        ),
      ]);
    made.set(product, plans);
    return (v: Float64Array) => evaluate(plans, { ...values, vector: v })[0] as Float64Array;
  };
  const inputs = objective.parameters.map(({ input }) => input);
  const slope = Float64Array.from(evaluate(gradient(g, objective.loss, inputs), values).flatMap((part) => [...part]));
  const weights = Float64Array.from(objective.parameters.flatMap(({ name }) => [...values[name]!]));
  const places = new Map<string, number[]>();
  let offset = 0;
  plan.stacks
    .filter(({ frozen }) => !frozen)
    .forEach(({ members }) =>
      members.forEach(({ name, shape }) => {
        places.set(
          name,
          Array.from({ length: sizeOf(shape) }, (_, i) => offset + i),
        );
        offset += sizeOf(shape);
      }),
    );
  const layerOf = new Int32Array(total);
  plan.network.parameters.forEach(({ name, layer }) => places.get(name)?.forEach((at) => (layerOf[at] = layer)));
  return { plan, objective, values, total, times, slope, weights, places, layerOf, normals };
}
type Instance = ReturnType<typeof drawn>;

const units = (n: number) => Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (_, i) => Number(i === j)));
/** ⟨w, g⟩ over some parameters. */
const along = ({ places, weights, slope }: Instance, names: readonly string[]) =>
  names.reduce((sum, name) => sum + (places.get(name) ?? []).reduce((s, at) => s + weights[at]! * slope[at]!, 0), 0);
const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const holds = (check: (seed: number) => void, numRuns = 2) =>
  fc.assert(fc.property(seeds, check), { numRuns, seed: 7, endOnFailure: true });

/** second derivatives of ⟨c, outputs⟩ with the loss' slope c held still */
const remainder = ({ g, loss, outputs, parameters }: LayeredObjective, vectors: readonly Node[]): Node[] => {
  const [c] = cotangents(g, [loss], [g.constant(1)], [outputs]);
  return hessianVector(
    g,
    g.sum(g.mul(g.stopGradient(c!), outputs)),
    parameters.map(({ input }) => input),
    vectors,
  );
};

/** Pairs of layers with nothing but positively homogeneous units between them: a factor may be moved from one to the other. */
function balanced({ network: { layers, parameters }, spec }: Instance['plan']): [string, string][] {
  const frozen = parameters.some((parameter) => parameter.frozen);
  if ((spec.network.normalization ?? 'none') !== 'none' || spec.network.scalars || frozen) return []; // scalars are added behind the units
  return layers.flatMap(({ name, kind }, l): [string, string][] => {
    const next = layers[l + 1]?.name;
    if (name.endsWith('.w')) return [[name, name.replace(/w$/, 'v')]];
    return kind === 'hidden' && next && ['mlpChain', 'twoLayer', 'vgg'].includes(spec.network.kind) ? [[name, next]] : [];
  });
}

for (const family of families) {
  const [title] = family;
  const smooth = !/max pooling/.test(title);

  test(`${title}: u·Av = v·Au for Hessian, Gauss-Newton and Fisher matrix, the latter two positive semidefinite, G and remainder make H`, () =>
    holds((seed) => {
      for (const activation of smooth ? ['tanh', 'relu'] : ['tanh']) {
        const instance = drawn(family, activation, seed);
        const { times, total, normals } = instance;
        const [u, v] = [normals(total), normals(total)];
        const products = { H: hessianProduct as Product, G: ggnMatrix.product, F: fisherMatrix.product };
        const of = Object.fromEntries(
          Object.entries(products).map(([name, product]) => [name, [times(product)(u), times(product)(v)] as const]),
        );
        for (const [name, [au, av]] of Object.entries(of)) {
          near(dot(v, au), dot(u, av), size(u) * size(av) + size(v) * size(au), `${title}, ${activation}: ${name}`);
          if (name === 'H') continue;
          assert.ok(dot(u, au) >= -1e-12 * size(u) * size(au), `${title}: ${name} has ${dot(u, au)}`);
        }
        const rest = times(remainder)(v);
        nearAll(
          of.G![1].map((value, i) => value + rest[i]!),
          of.H![1],
          `${title}, ${activation}: G + remainder`,
        );
      }
    }));

  test(`${title}: traces, blocks and their norms are those of the dense Hessian, Lanczos stays inside Gershgorin's circles`, () =>
    holds((seed) => {
      for (const activation of ['tanh', 'relu']) {
        const instance = drawn(family, activation, seed);
        const { times, total, layerOf, objective, normals } = instance;
        const dense = units(total).map(times(hessianProduct as Product));
        const { values: spectrum } = symmetricEigen(Float64Array.from(dense.flatMap((column) => [...column])), total);
        const scale = Math.max(Math.abs(spectrum[0]!), Math.abs(spectrum.at(-1)!));
        const trace = dense.reduce((sum, column, i) => sum + column[i]!, 0);
        near(
          spectrum.reduce((sum, value) => sum + value, 0),
          trace,
          total * scale,
          'trace',
        );
        const layers = objective.taps.map((_, layer) => [...layerOf.keys()].filter((at) => layerOf[at] === layer));
        const blockTrace = layers.reduce((sum, own) => {
          if (own.length === 0) return sum;
          const block = Float64Array.from(own.flatMap((j) => own.map((i) => dense[j]![i]!)));
          return sum + symmetricEigen(block, own.length).values.reduce((s, value) => s + value, 0);
        }, 0);
        near(blockTrace, trace, total * scale, 'trace of the blocks');
        const [low, high] = dense.reduce(
          ([a, b], column, i) => {
            const radius = column.reduce((sum, value, j) => sum + (i === j ? 0 : Math.abs(value)), 0);
            return [Math.min(a, column[i]! - radius), Math.max(b, column[i]! + radius)];
          },
          [Infinity, -Infinity],
        );
        const ritz = lanczos(times(hessianProduct as Product), normals(total), Math.min(total, 12)).values;
        for (const { value } of ritz)
          assert.ok(value >= low - 1e-9 * scale && value <= high + 1e-9 * scale, `${value} is outside ${low}, ${high}`);
        assert.ok(ritz[0]!.value <= spectrum[0]! + 1e-9 * scale && ritz.at(-1)!.value >= spectrum.at(-1)! - 1e-9 * scale);
        // block by block: the triangle, and the Gauss-Newton columns where the outputs are made of linear pieces
        const v = normals(total);
        const inBlocks = (matrix: readonly Float64Array[]) =>
          v.map((_, i) => v.reduce((sum, value, j) => sum + (layerOf[i] === layerOf[j] ? matrix[j]![i]! * value : 0), 0));
        nearAll(times(hessianMatrix.triangle)(v), inBlocks(dense), `${title}, ${activation}: triangle`);
        const fits = hessianMatrix.columnCount(objective) !== null;
        const { normalization = 'none', scalars, stochasticDepth } = instance.plan.spec.network;
        const multiplied = normalization !== 'none' || scalars || stochasticDepth; // parameters of one layer by each other: no linear pieces
        assert.ok(fits || activation !== 'relu' || multiplied, title);
        if (fits) nearAll(times(hessianMatrix.columns)(v), inBlocks(dense), `${title}: Gauss-Newton blocks`);
        if (activation === 'relu') continue;
        for (const { name, product, triangle, columns, columnCount } of [ggnMatrix, fisherMatrix, modelFisherMatrix]) {
          const own = inBlocks(units(total).map(times(product)));
          nearAll(times(triangle)(v), own, `${title}: triangle of ${name}`);
          if (columnCount(objective)) nearAll(times(columns)(v), own, `${title}: columns of ${name}`);
        }
        for (const [l, own] of layers.entries()) {
          const part = new Float64Array(total);
          for (const at of own) part[at] = v[at]!;
          const wanted = v.map((_, i) => own.reduce((sum, j) => sum + dense[j]![i]! * v[j]!, 0));
          nearAll(times(hessianProduct as Product)(part), wanted, `${title}: blocks of column ${l}`);
        }
      }
    }, 1));

  test(`${title}: rescaling what may be rescaled changes nothing: ⟨w, g⟩ = 0 and Hw = -g, layer by layer`, () =>
    holds((seed) => {
      const instance = drawn(family, 'tanh', seed);
      const { plan, times, weights, slope, places, total } = instance;
      for (const { name, role, layer } of plan.network.parameters) {
        if (role !== 'weight' || plan.network.layers[layer]!.scaleInvariant === false) continue;
        const own = places.get(name)!;
        const alone = new Float64Array(total);
        for (const at of own) alone[at] = weights[at]!;
        near(dot(alone, slope), 0, size(alone) * size(slope), `${title}: ⟨${name}, g⟩`);
        const wanted = new Float64Array(total); // the other layers' gradients do not see the scale, its own goes as 1/scale
        for (const at of own) wanted[at] = -slope[at]!;
        nearAll(times(hessianProduct as Product)(alone), wanted, `${title}: H ${name}`);
      }
    }));

  test(`${title}: the readout is linear, ⟨w, g⟩ + ⟨b, g⟩ = Σ z ∂L/∂z; what follows a kernel of positively homogeneous units gets as much as it`, () =>
    holds((seed) => {
      const instance = drawn(family, 'relu', seed);
      const { plan, objective, values, slope, weights } = instance;
      const { g, loss, outputs } = objective;
      const scale = size(slope) * size(weights);
      const last = plan.network.parameters.filter(({ layer }) => layer === plan.network.layers.length - 1);
      if (!last.some(({ frozen }) => frozen)) {
        const [z, dz] = evaluate([outputs, cotangents(g, [loss], [g.constant(1)], [outputs])[0]!], values) as [Float64Array, Float64Array];
        const readout = last.filter(({ role }) => role === 'weight' || role === 'bias').map(({ name }) => name);
        near(along(instance, readout), dot(z, dz), scale, `${title}: readout`);
      }
      for (const [kernel, next] of balanced(plan)) {
        const [own, behind] = [
          along(
            instance,
            plan.network.parameters
              .filter(({ name, role }) => name.startsWith(`${kernel}.`) && (role === 'weight' || role === 'bias'))
              .map(({ name }) => name),
          ),
          along(instance, [`${next}.weight`]),
        ];
        near(own, behind, scale, `${title}: ${kernel} and ${next}`);
      }
    }));
}
