/** @file The ends of every layer's block of a matrix: all layers in one Lanczos run, or one after another where that takes too much memory. */
import { sizeOf } from '#core/graph/node.ts';
import type { Eigenvalue, Spectrum } from '#core/curvature/lanczos.ts';
import { dimension, type LayeredObjective, type Product } from '#core/programs/lanczos.ts';
import { hessianMatrix, type CurvatureMatrix } from '#core/programs/matrices.ts';
import { openLanczos } from './curvatureLanczos.ts';
import {
  blockMetric,
  layerCount,
  spansOfLayers,
  type CurvatureGround,
  type CurvaturePart,
  type Packed,
  type Parameters,
} from './curvaturePart.ts';

// a layer's ends by warm starts that hold both of last time's Ritz vectors
export const blockProducts = 8;
/** What the triangle's stacks and the bases may take. */
const stackBytes = 1024 ** 3;

/** Bytes of the triangle: at layer l a tangent per layer below it, on the way up and on the way down. */
const triangleBytes = ({ taps, g }: LayeredObjective): number =>
  taps.reduce((sum, { shape }, layer) => sum + 2 * (layer + 1) * sizeOf(shape), 0) * (g.precision === 'float64' ? 8 : 4);

/** Bytes of the derivatives of K columns by every pre-activation: large for images. */
const columnBytes = ({ taps, g }: LayeredObjective, columns: number): number =>
  taps.reduce((sum, { shape }) => sum + columns * sizeOf(shape), 0) * (g.precision === 'float64' ? 8 : 4);

interface BlockProduct {
  readonly product: Product;
  /** Gradients that a product costs. */
  readonly gradients: number;
}

/** The cheaper product with all blocks at once: (K + 4)/3 gradients by columns, (L + 1)/3 by the triangle. Null where neither fits into memory. */
export function blockProduct(objective: LayeredObjective, matrix: CurvatureMatrix): BlockProduct | null {
  const triangle = triangleBytes(objective) < stackBytes ? { product: matrix.triangle, gradients: (layerCount(objective) + 1) / 3 } : null;
  const count = matrix.columnCount(objective);
  if (count === null || columnBytes(objective, count) >= stackBytes) return triangle;
  const columns = { product: matrix.columns, gradients: (count + 4) / 3 };
  return triangle && triangle.gradients < columns.gradients ? triangle : columns;
}

/** Layers of a measurement where all of them do not fit. */
const layersInTurn = 8;

/** Gradients that a measurement of the blocks is worth. */
export function blockCost(objective: LayeredObjective, matrix: CurvatureMatrix): number {
  const together = blockProduct(objective, matrix);
  return blockProducts * (together ? 1 + together.gradients : 2 * layersInTurn);
}

/** The spectrum of every layer's block, as far as a few products show it. */
interface BlockSpectra extends Omit<CurvaturePart, 'name' | 'measure'> {
  solve(step: number, parameters: Parameters): Promise<Spectrum[]>;
}

/**
 * Measured with 4 products of every block of 51 layers of 64 units, 512 rows, two busy cores: one layer after another 9.7 s, by the triangle
 * 1.2 s, by Gauss-Newton columns (ReLU, 10 classes) 0.5 s.
 */
async function openSpectra(ground: CurvatureGround, matrix: CurvatureMatrix, stream: number): Promise<BlockSpectra> {
  const { objective, seed } = ground;
  const spans = spansOfLayers(objective);
  const layers = layerCount(objective);
  const size = dimension(objective);
  const rank = Math.min(blockProducts, size);
  const warm = new Map<number, Packed>();
  let turn = 0;
  const random = (step: number, layer: number) => ({ seed, purpose: 'probe' as const, indices: [step, stream + layer] });
  const all = blockProduct(objective, matrix);
  const { solve, close } = await (all ? together(all.product) : someInTurn());

  interface Solver {
    solve: BlockSpectra['solve'];
    close(): Promise<void>;
  }

  async function together(product: Product): Promise<Solver> {
    const solver = await openLanczos(ground, rank, product);
    return {
      close: () => solver.close(),
      async solve(step, parameters) {
        const starts = spans.map((of, layer) => ({
          spans: of,
          previous: warm.get(layer),
          random: random(step, layer),
          keepBottom: matrix.signed,
        }));
        return (await solver.solve(parameters, starts)).map(({ spectrum, vector }, layer) => {
          if (vector) warm.set(layer, vector);
          return spectrum;
        });
      },
    };
  }

  /** Every so many layers, others each time: a thousand runs one after another would stop the training for an hour. */
  async function someInTurn(): Promise<Solver> {
    const solver = await openLanczos(ground, rank, matrix.product);
    const stride = Math.ceil(layers / layersInTurn);
    return {
      close: () => solver.close(),
      async solve(step, parameters) {
        const spectra: Spectrum[] = spans.map(() => ({
          rank: 0,
          values: [{ value: NaN, residual: NaN, coefficients: new Float64Array(0), weight: NaN }],
        }));
        for (let layer = turn % stride; layer < layers; layer += stride) {
          const start = { spans: spans[layer]!, previous: warm.get(layer), random: random(step, layer) };
          const [{ spectrum, vector }] = await solver.solve(parameters, [start]);
          spectra[layer] = spectrum;
          if (vector) warm.set(layer, vector);
        }
        turn++;
        return spectra;
      },
    };
  }

  return {
    solve,
    state: () => ({
      turn: Float64Array.of(turn),
      ...Object.fromEntries(Array.from(warm, ([layer, vector]) => [`layer ${layer}`, Float64Array.from(vector)])),
    }),
    restore(state) {
      turn = state.turn?.[0] ?? 0;
      warm.clear();
      for (const [name, vector] of Object.entries(state)) if (name.startsWith('layer ')) warm.set(Number(name.slice(6)), vector.slice());
    },
    close,
  };
}

/** The largest eigenvalue of every block, and the smallest where the matrix has negative ones. */
export async function openBlocks(ground: CurvatureGround, matrix: CurvatureMatrix, stream: number): Promise<CurvaturePart> {
  const { solve, ...rest } = await openSpectra(ground, matrix, stream);
  return {
    ...rest,
    async measure(step, parameters) {
      const spectra = await solve(step, parameters);
      const rows = (end: 'Top' | 'Bottom', at: 0 | -1) =>
        (['value', 'residual'] as const).map((field) => ({
          metric: blockMetric(matrix, field === 'value' ? end : `${end}Residual`),
          values: Float64Array.from(spectra, ({ values }) => values.at(at)![field]),
        }));
      return [...rows('Top', 0), ...(matrix.signed ? rows('Bottom', -1) : [])];
    },
  };
}

/** What is known of kernels: the inputs that hold them, and for each layer whether its kernel may be rescaled. */
export interface Kernels {
  readonly inputs: readonly string[];
  readonly scaleInvariant: readonly boolean[];
}

/** The blocks of the kernels alone: with W → cW they shrink as c⁻², those of what a normalization multiplies by do not. */
export async function openScaleFree(ground: CurvatureGround, { inputs, scaleInvariant }: Kernels, stream: number): Promise<CurvaturePart> {
  const { objective, runtime } = ground;
  const chosen = objective.parameters.map(({ name }) => inputs.includes(name));
  const restricted = {
    ...objective,
    parameters: objective.parameters.filter((_, i) => chosen[i]),
    members: objective.members.filter((_, i) => chosen[i]),
    held: [...objective.held, ...objective.parameters.filter((_, i) => !chosen[i])],
  };
  const { solve, ...rest } = await openSpectra({ ...ground, objective: restricted }, hessianMatrix, stream);
  return {
    ...rest,
    async measure(step, parameters) {
      const squares = new Float64Array(layerCount(objective));
      for (const [stack, { name }] of restricted.parameters.entries()) {
        const values = await runtime.read(parameters[name]!);
        const members = restricted.members[stack]!;
        const length = values.length / members.length;
        members.forEach(({ layer }, m) => {
          for (let i = m * length; i < (m + 1) * length; i++) squares[layer]! += values[i]! ** 2;
        });
      }
      const spectra = await solve(step, parameters);
      const row = (metric: string, of: (top: Eigenvalue) => number) => ({
        metric,
        values: Float64Array.from(spectra, ({ values }, layer) => (scaleInvariant[layer] ? of(values[0]!) * squares[layer]! : NaN)),
      });
      return [row('scaleFreeSharpness', ({ value }) => value), row('scaleFreeSharpnessResidual', ({ residual }) => residual)];
    },
  };
}
