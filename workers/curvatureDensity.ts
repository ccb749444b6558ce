/** @file Spectral density by stochastic Lanczos quadrature; its first probe doubles as a long cold run for the ends. */
import { binCount, binned } from '#core/curvature/density.ts';
import { dimension } from '#core/programs/lanczos.ts';
import { mean, standardError } from '#core/statistics.ts';
import { endRows } from './curvatureEnds.ts';
import { openLanczos } from './curvatureLanczos.ts';
import type { CurvatureGround, CurvaturePart, Packed } from './curvaturePart.ts';
import { estimated } from './curvatureProbes.ts';

const probes = 3;
const rank = 40;

/** @param whole the instrument of the ends, which the first probe stands in for */
export async function openDensity(
  ground: CurvatureGround,
  { topK, stream, whole }: { topK: number; stream: number; whole: { adopt(vector: Packed | null): void } },
): Promise<CurvaturePart> {
  const solver = await openLanczos(ground, Math.max(rank, 5 * topK));
  const size = dimension(ground.objective);
  const spans = [[0, size]] as const;
  return {
    async measure(step, parameters) {
      const spectra = [];
      for (let probe = 0; probe < probes; probe++) {
        const random = { seed: ground.seed, purpose: 'probe', indices: [step, stream + probe] } as const;
        const first = probe === 0;
        const start = { spans, random, keep: first ? topK : 0, keepBottom: first };
        const [{ spectrum, vector }] = await solver.solve(parameters, [start]);
        if (first) whole.adopt(vector);
        spectra.push(spectrum);
      }
      const shares = spectra.map(({ values }) => binned(values));
      const perBin = (of: (values: number[]) => number) =>
        Float64Array.from({ length: binCount }, (_, bin) => of(shares.map((row) => row[bin]!)));
      // weighted by magnitude: the many eigenvalues near zero have no sign that a few products could see
      const negative = spectra.map(
        ({ values }) => size * values.reduce((sum, { value, weight }) => sum + weight * (value > 0 ? 0 : -value), 0),
      );
      return [
        ...endRows('hessian', spectra[0]!, topK, true),
        { metric: 'hessianDensity', values: perBin(mean) },
        { metric: 'hessianDensityError', values: perBin(standardError) },
        ...estimated('hessianNegativeMass', negative),
      ];
    },
    close: () => solver.close(),
  };
}
