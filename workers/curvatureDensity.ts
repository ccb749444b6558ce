/** @file Spectral density by stochastic Lanczos quadrature; its first probe doubles as a long cold run for the ends. */
import { binCount, binned, scaleOf } from '#core/curvature/density.ts';
import { dimension } from '#core/programs/lanczos.ts';
import type { CurvatureMatrix } from '#core/programs/matrices.ts';
import { mean, standardError } from '#core/statistics.ts';
import { endRows, type Ends, type EndsOptions } from './curvatureEnds.ts';
import { openLanczos } from './curvatureLanczos.ts';
import { noiseOf, type CurvatureGround, type CurvaturePart } from './curvaturePart.ts';
import { estimated } from './curvatureProbes.ts';

const probes = 3;
const rank = 40;

/** Products of a measurement, but where many top eigenvalues are asked for. */
export const densityProducts = probes * rank;

/** @param ends the instrument of the matrix' ends, which the first probe stands in for */
export async function openDensity(
  ground: CurvatureGround,
  matrix: CurvatureMatrix,
  { topK, stream, ends }: EndsOptions & { ends: Ends },
): Promise<CurvaturePart> {
  const solver = await openLanczos(ground, Math.max(rank, 5 * topK), matrix.product);
  const size = dimension(ground.objective);
  const noise = noiseOf(ground.objective);
  const spans = [[0, size]] as const;
  return {
    async measure(step, parameters) {
      const spectra = [];
      for (let probe = 0; probe < probes; probe++) {
        const random = { seed: ground.seed, purpose: 'probe', indices: [step, stream + probe] } as const;
        const first = probe === 0;
        const start = { spans, random, keep: first ? topK : 0, keepBottom: first && matrix.signed };
        const [{ spectrum, vector }] = await solver.solve(parameters, [start]);
        if (first) ends.adopt(vector);
        spectra.push(spectrum);
      }
      const shares = spectra.map(({ values }) => binned(values, noise * scaleOf(values)));
      const perBin = (of: (values: number[]) => number) =>
        Float64Array.from({ length: binCount }, (_, bin) => of(shares.map((row) => row[bin]!)));
      // weighted by magnitude: the many eigenvalues near zero have no sign that a few products could see
      const negative = spectra.map(
        ({ values }) => size * values.reduce((sum, { value, weight }) => sum + weight * (value > 0 ? 0 : -value), 0),
      );
      return [
        ...endRows(matrix, spectra[0]!, topK),
        { metric: `${matrix.name}Density`, values: perBin(mean) },
        { metric: `${matrix.name}DensityError`, values: perBin(standardError) },
        ...(matrix.signed ? estimated(`${matrix.name}NegativeMass`, negative) : []),
      ];
    },
    close: () => solver.close(),
  };
}
