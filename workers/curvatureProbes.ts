/** @file Trace and Frobenius norm, whole and per layer, from one set of random probes; each with its standard error. */
import { dimension, type Product } from '#core/programs/lanczos.ts';
import type { CurvatureMatrix } from '#core/programs/matrices.ts';
import { rng } from '#core/rng.ts';
import { mean, standardError } from '#core/statistics.ts';
import {
  blockMetric,
  dotWithin,
  spansOfLayers,
  zeros,
  type CurvatureGround,
  type CurvaturePart,
  type CurvatureRow,
  type Parameters,
} from './curvaturePart.ts';
import { openProducts } from './curvatureProducts.ts';

/** A product each. */
export const probes = 8;

/**
 * Per probe and layer zᵀAz, and per probe ‖Az‖². For probes of independent signs the expectation of the first is the trace of the layer's
 * diagonal block (Hutchinson 1990) and that of the second the square of the Frobenius norm: one probe serves every layer and the whole.
 */
async function openProbes(ground: CurvatureGround, product: Product, stream: number) {
  const { objective, held, seed } = ground;
  const size = dimension(objective);
  const layers = spansOfLayers(objective);
  const products = await openProducts(ground, product);
  const [probe, image] = [zeros(objective, size), zeros(objective, size)];
  return {
    async draw(step: number, parameters: Parameters): Promise<{ traces: Float64Array[]; squares: number[] }> {
      const random = rng(seed, 'probe', step, stream);
      const at = await products.at({ ...parameters, ...held });
      const [traces, squares]: [Float64Array[], number[]] = [[], []];
      for (let drawn = 0; drawn < probes; drawn++) {
        for (let i = 0; i < size; i++) probe[i] = random.rademacher();
        await at.product(probe, image);
        traces.push(Float64Array.from(layers, (spans) => dotWithin(spans, probe, image)));
        squares.push(dotWithin([[0, size]], image, image));
      }
      at.release();
      return { traces, squares };
    },
    close: () => products.close(),
  };
}

const total = (row: Float64Array): number => row.reduce((sum, value) => sum + value, 0);

/** The standard error of √center for that of center, d√x = dx/(2√x): 0 where every probe saw 0. */
export const rootError = (center: number, error: number): number => error / (2 * Math.sqrt(center) || Infinity);

/** Mean over probes with its standard error, under two names. */
export const estimated = (metric: string, values: readonly number[], root = false): CurvatureRow[] => {
  const [center, error] = [mean(values), standardError(values)];
  return [
    { metric, values: Float64Array.of(root ? Math.sqrt(center) : center) },
    { metric: `${metric}Error`, values: Float64Array.of(root ? rootError(center, error) : error) },
  ];
};

/** Trace and Frobenius norm of a matrix, and the trace of every layer's block. */
export async function openTraces(ground: CurvatureGround, matrix: CurvatureMatrix, stream: number): Promise<CurvaturePart> {
  const { draw, close } = await openProbes(ground, matrix.product, stream);
  return {
    async measure(step, parameters) {
      const { traces, squares } = await draw(step, parameters);
      const perLayer = (of: (values: number[]) => number) => traces[0]!.map((_, layer) => of(traces.map((row) => row[layer]!)));
      return [
        ...estimated(`${matrix.name}Trace`, traces.map(total)),
        ...estimated(`${matrix.name}Frobenius`, squares, true),
        { metric: blockMetric(matrix, 'Trace'), values: perLayer(mean) },
        { metric: blockMetric(matrix, 'TraceError'), values: perLayer(standardError) },
      ];
    },
    close,
  };
}
