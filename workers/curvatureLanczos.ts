/** @file Lanczos runs with the basis inside the runtime: on the whole matrix, or on the part of the weights that a mask covers. */
import { ritzSpectrum, type Spectrum } from '#core/curvature/lanczos.ts';
import type { Values } from '#core/graph/node.ts';
import { combineProgram, dimension, hessianProduct, lanczosProgram, type Product } from '#core/programs/lanczos.ts';
import type { Rng } from '#core/rng.ts';
import { fillStart, noiseOf, packed, zeros, type CurvatureGround, type Parameters, type Span } from './curvaturePart.ts';

/** The basis may take this much; past it fewer products are made and the residuals say so. */
const basisBytes = 512 * 1024 * 1024;

export interface LanczosSolver {
  readonly rank: number;
  /**
   * @param keep how many of the largest Ritz vectors are left, summed up, for the next start
   * @param keepBottom and the smallest one with them, so that this end is warm too
   */
  solve(
    parameters: Parameters,
    start: { spans: readonly Span[]; previous?: Float64Array | undefined; random: Rng; keep: number; keepBottom?: boolean },
  ): Promise<{ spectrum: Spectrum; vector: Float64Array | null }>;
  close(): Promise<void>;
}

export async function openLanczos(ground: CurvatureGround, wanted: number, product: Product = hessianProduct): Promise<LanczosSolver> {
  const { runtime, objective, held } = ground;
  const size = dimension(objective);
  const bytes = objective.g.precision === 'float64' ? 8 : 4;
  const rank = Math.max(2, Math.min(wanted, size, Math.floor(basisBytes / (size * bytes))));
  const program = await runtime.compile(lanczosProgram(objective, rank, product));
  const combine = await runtime.compile(combineProgram(objective.g, rank, size));
  const next = zeros(objective, rank * (rank + 1));
  for (let j = 0; j < rank; j++) next[j * (rank + 1) + j + 1] = 1;
  return {
    rank,
    async solve(parameters, { spans, previous, random, keep, keepBottom = false }) {
      const mask = zeros(objective, size);
      for (const [from, to] of spans) mask.fill(1, from, to);
      const basis = zeros(objective, (rank + 1) * size);
      fillStart(basis, spans, previous, random);
      const handles = { basis: await runtime.upload(basis, [rank + 1, size]), mask: await runtime.upload(mask, [1, size]) };
      const { state, records } = await program.run({
        state: { basis: handles.basis },
        held: { ...parameters, ...held, mask: handles.mask },
        rows: {
          row: Int32Array.from({ length: rank }, (_, j) => j),
          rowBefore: Int32Array.from({ length: rank }, (_, j) => (j || rank + 1) - 1),
          next,
        },
        steps: rank,
      });
      runtime.release(handles.mask);
      const spectrum = readSpectrum(records.alpha!, records.beta!, noiseOf(objective));
      const coefficients = zeros(objective, rank + 1);
      const kept = new Set([...spectrum.values.slice(0, keep), ...(keepBottom ? spectrum.values.slice(-1) : [])]);
      for (const { coefficients: ritz } of kept) ritz.forEach((value, j) => (coefficients[j]! += value));
      let vector: Float64Array | null = null;
      if (keep > 0 && coefficients.every(Number.isFinite)) {
        const combined = await combine.run({ state: {}, held: { basis: state.basis! }, rows: { coefficients }, steps: 1 });
        vector = packed(combined.records.vector!, spans);
      }
      runtime.release(state.basis!);
      return { spectrum, vector };
    },
    async close() {
      await program.close();
      await combine.close();
    },
  };
}

/** Weights that ran away make products that are not finite: a finding, not an error. */
export function readSpectrum(alpha: Values, beta: Values, noise: number): Spectrum {
  if (![...alpha, ...beta].every(Number.isFinite))
    return {
      rank: alpha.length,
      values: [{ value: NaN, residual: NaN, coefficients: new Float64Array(alpha.length).fill(NaN), weight: NaN }],
    };
  return ritzSpectrum(alpha, beta, noise);
}
