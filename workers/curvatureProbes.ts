/** @file Trace and Frobenius norm, whole and per layer, from one set of random probes; each with its standard error. */
import { dimension, traceProgram, type Product } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import { mean, standardError } from '#core/statistics.ts';
import { zeros, type CurvatureGround, type CurvaturePart, type CurvatureRow, type Parameters } from './curvaturePart.ts';

const probes = 8;

/** Per probe and layer zᵀAz, and per probe ‖Az‖². */
export async function openProbes({ runtime, objective, held, seed }: CurvatureGround, product: Product | undefined, stream: number) {
  const size = dimension(objective);
  const program = await runtime.compile(traceProgram(objective, product));
  const layerOf = objective.members.flat().map(({ layer }) => layer);
  return {
    async draw(step: number, parameters: Parameters): Promise<{ traces: Float64Array[]; squares: number[] }> {
      const random = rng(seed, 'probe', step, stream);
      const probe = zeros(objective, probes * size);
      for (let i = 0; i < probe.length; i++) probe[i] = random.rademacher();
      const { records } = await program.run({ state: {}, held: { ...parameters, ...held }, rows: { probe }, steps: probes });
      const ofProbe = (values: ArrayLike<number>, p: number) => layerOf.map((_, m) => values[p * layerOf.length + m]!);
      return {
        traces: Array.from({ length: probes }, (_, p) => {
          const row = new Float64Array(objective.taps.length);
          ofProbe(records.traces!, p).forEach((value, m) => (row[layerOf[m]!]! += value));
          return row;
        }),
        squares: Array.from({ length: probes }, (_, p) => ofProbe(records.norms!, p).reduce((sum, norm) => sum + norm * norm, 0)),
      };
    },
    close: () => program.close(),
  };
}

const total = (row: Float64Array): number => row.reduce((sum, value) => sum + value, 0);

/** Mean over probes with its standard error, under two names. */
export const estimated = (metric: string, values: readonly number[], root = false): CurvatureRow[] => {
  const [center, error] = [mean(values), standardError(values)];
  return [
    { metric, values: Float64Array.of(root ? Math.sqrt(center) : center) },
    { metric: `${metric}Error`, values: Float64Array.of(root ? error / (2 * Math.sqrt(center) || Infinity) : error) }, // d√x = dx/(2√x)
  ];
};

export async function openTraces(ground: CurvatureGround): Promise<CurvaturePart> {
  const { draw, close } = await openProbes(ground, undefined, 1);
  return {
    async measure(step, parameters) {
      const { traces, squares } = await draw(step, parameters);
      const perLayer = (of: (values: number[]) => number) => traces[0]!.map((_, layer) => of(traces.map((row) => row[layer]!)));
      return [
        ...estimated('hessianTrace', traces.map(total)),
        ...estimated('hessianFrobenius', squares, true),
        { metric: 'blockTrace', values: perLayer(mean) },
        { metric: 'blockTraceError', values: perLayer(standardError) },
      ];
    },
    close,
  };
}

/** Trace of the matrix behind `product`, as `<prefix>Trace`. */
export async function openTraceOf(ground: CurvatureGround, prefix: string, product: Product, stream: number): Promise<CurvaturePart> {
  const { draw, close } = await openProbes(ground, product, stream);
  return {
    async measure(step, parameters) {
      const { traces } = await draw(step, parameters);
      return estimated(`${prefix}Trace`, traces.map(total));
    },
    close,
  };
}
