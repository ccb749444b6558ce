/**
 * @file The forward pass on a probe batch with the derivatives of single samples: what the host instruments work on.
 *
 * The gradient of a sample by a kernel is the product of two factors that one backward pass leaves for all samples, xᵢᵀδᵢ, so no loop over
 * samples is needed. Batch normalization takes its statistics from rows in front of the probe, as in evaluation: then samples do not mix.
 */
import { createBuilder, type Builder } from '../graph/builder.ts';
import { cotangents } from '../graph/differentiate.ts';
import { sizeOf, type Node, type Values } from '../graph/node.ts';
import { topologicalOrder } from '../graph/order.ts';
import type { Program } from '../graph/program.ts';
import type { Batch } from '../metrics/moments.ts';
import { rng } from '../rng.ts';
import { forwardPass, stackInputs, targetInput, type RunPlan } from './plan.ts';

/** Rows of the training set that make up the probe batch: drawn once, the same for every step of the run; the curvature batch begins with them. */
export const probeRows = ({ spec }: RunPlan, n: number): Int32Array =>
  rng(spec.seed, 'batch').permutation(n).slice(0, spec.metrics.probeSize);

type Place = 'input' | 'delta' | 'preActivation' | 'activation' | 'slope' | 'stream' | 'streamDelta';

interface Piece {
  readonly start: number;
  readonly positions: number;
  readonly size: number;
}
export interface SamplesProgram {
  readonly program: Program;
  readonly samples: number;
  /** Where each layer's values lie in the record; null where it has none. */
  readonly layers: readonly Readonly<Record<Place, Piece | null>>[];
  /** Where the residual stream begins. */
  readonly start: Piece | null;
}

/**
 * Held: the stacks, `probeInputs` [B, D], `statistics` [S, D] where there are any, `probeTargets` unless a seed is given. Record: `record` [R].
 *
 * @param of `loss`: δ is the derivative of each sample's loss. `outputs`: of Σ seedₖ fₖ, with one row `seed` [1, K] per step; nothing else is recorded
 */
export function samplesProgram(plan: RunPlan, samples: number, statisticsRows: number, of: 'loss' | 'outputs'): SamplesProgram {
  const g = createBuilder(plan.precision);
  const stacks = stackInputs(g, plan);
  const inputs = g.input('probeInputs', [samples, plan.data.inputs]);
  const statistics = statisticsRows > 0 ? [g.input('statistics', [statisticsRows, plan.data.inputs])] : [];
  const { pass, products, activated } = watchedPass(g, plan, stacks, g.concat([...statistics, inputs], 0), statisticsRows);
  const outputs = g.slice(pass.outputs, 0, statisticsRows, statisticsRows + samples);
  const targets = of === 'loss' ? [targetInput(g, 'probeTargets', plan, samples)] : [];
  const seed = of === 'outputs' ? [g.input('seed', [1, plan.data.outputs])] : [];
  const each = targets.map((y) => plan.loss.each(g, outputs, y, plan.spec.loss));
  const [top, cotangent] = each[0] ? [each[0], g.constant(1, each[0].shape)] : [outputs, g.broadcastTo(seed[0]!, outputs.shape)];
  const streams = of === 'loss' ? pass.taps.flatMap(({ stream }) => stream ?? []) : [];
  const watched = [...new Set([...products.filter((product) => product !== null), ...streams])];
  const deltas = new Map(cotangents(g, [top], [cotangent], watched).map((delta, i) => [watched[i]!, delta]));
  const deltaOf = (node: Node | null) => node && (deltas.get(node) ?? g.constant(0, node.shape));

  const pieces = new Map<Node, Piece>();
  let width = 0;
  const piece = (node: Node | null, wanted: boolean): Piece | null => {
    if (!node || !wanted) return null;
    const known = pieces.get(node);
    if (known) return known;
    const size = node.shape.at(-1)!;
    const positions = sizeOf(node.shape) / size / (statisticsRows + samples);
    const made = { start: width, positions, size };
    width += samples * positions * size;
    pieces.set(node, made);
    return made;
  };
  const layers = plan.network.layers.map((_, layer) => {
    const product = products[layer]!;
    const { preActivation, activation, argument = activated.get(activation), stream = null } = pass.taps[layer]!;
    const slope = of === 'loss' ? slopeOf(g, activation, argument) : null;
    return {
      input: piece(product && product.inputs[0]!, of === 'loss'),
      delta: piece(deltaOf(product), true),
      preActivation: piece(preActivation, of === 'loss'),
      activation: piece(activation, of === 'loss'),
      slope: piece(slope, of === 'loss'),
      stream: piece(stream, of === 'loss'),
      streamDelta: of === 'loss' ? piece(deltaOf(stream), true) : null,
    };
  });
  const start = piece(pass.start ?? null, of === 'loss');
  const flat = [...pieces].map(([node, { positions, size }]) => {
    const all = g.reshape(node, [statisticsRows + samples, positions * size]);
    return g.reshape(g.slice(all, 0, statisticsRows, statisticsRows + samples), [-1]);
  });
  return {
    samples,
    layers,
    start,
    program: {
      title: of === 'loss' ? `samples of ${samples}` : `derivatives of the outputs on ${samples} samples`,
      g,
      state: [],
      held: [
        ...stacks,
        { name: 'probeInputs', input: inputs },
        ...statistics.map((input) => ({ name: 'statistics', input })),
        ...targets.map((input) => ({ name: 'probeTargets', input })),
      ],
      rows: seed.map((input) => ({ name: 'seed', input })),
      records: [{ name: 'record', value: g.concat(flat, 0) }],
    },
  };
}

/** The forward pass, with the product in which each layer's kernel stands (null if not in exactly one) and the argument of every activation. */
function watchedPass(g: Builder, plan: RunPlan, stacks: readonly { input: Node }[], x: Node, statisticsRows: number) {
  const [kernels, activated] = [new Map<Node, number>(), new Map<Node, Node>()];
  const { network, activation } = plan;
  const layerOf = new Map(network.parameters.flatMap(({ name, role, layer }) => (role === 'weight' ? [[name, layer]] : [])));
  const watched: RunPlan = {
    ...plan,
    activation: {
      ...activation,
      apply(to, argument, options) {
        const result = activation.apply(to, argument, options);
        activated.set(result, argument);
        return result;
      },
    },
    network: {
      ...network,
      forward: (to, context) =>
        network.forward(to, {
          ...context,
          parameter(name) {
            const node = context.parameter(name);
            if (layerOf.has(name)) kernels.set(bare(node), layerOf.get(name)!);
            return node;
          },
        }),
    },
  };
  const inputs = stacks.map(({ input }) => input);
  const pass = forwardPass(g, watched, inputs, x, statisticsRows);
  const products = new Map<number, Node | null>();
  for (const node of topologicalOrder([pass.outputs])) {
    const layer = node.op === 'matMul' && !node.attrs.transposeA && !node.attrs.transposeB ? kernels.get(bare(node.inputs[1]!)) : undefined;
    if (layer !== undefined) products.set(layer, products.has(layer) ? null : node);
  }
  return { pass, activated, products: network.layers.map((_, layer) => products.get(layer) ?? null) };
}

/** A kernel under another shape, or held still, is the same kernel. */
const bare = (node: Node): Node => (node.op === 'reshape' || node.op === 'stopGradient' ? bare(node.inputs[0]!) : node);

function slopeOf(g: Builder, result: Node, argument: Node | undefined): Node | null {
  if (!argument) return null;
  return cotangents(g, [result], [g.constant(1, result.shape)], [argument])[0] ?? g.constant(0, argument.shape);
}

/** One place of one layer, out of one step's record. */
export function batchOf({ samples }: SamplesProgram, piece: Piece | null, record: Values): Batch | null {
  if (!piece) return null;
  const { start, positions, size } = piece;
  return { samples, positions, size, values: Float64Array.from(record.subarray(start, start + samples * positions * size)) };
}
