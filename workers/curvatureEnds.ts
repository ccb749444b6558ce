/** @file The ends of a matrix' spectrum, warm from measurement to measurement, with a cold run now and then that checks the warm ones. */
import { settled, type Spectrum } from '#core/curvature/lanczos.ts';
import { dimension } from '#core/programs/lanczos.ts';
import type { CurvatureMatrix } from '#core/programs/matrices.ts';
import { openLanczos } from './curvatureLanczos.ts';
import type { CurvatureGround, CurvaturePart, CurvatureRow, Packed, Parameters } from './curvaturePart.ts';

// 10 products find the top to 1% (p95), 25 the top five
export const productsFor = (topK: number) => (topK === 1 ? 10 : Math.max(12, 5 * topK));
const coldEvery = 10;
/** Share of a value to which it must be right for a run to stop before its last product. */
const tolerance = 0.005;

export interface EndsOptions {
  readonly topK: number;
  readonly stream: number;
}

export interface Ends extends CurvaturePart {
  /** A longer run has measured in its place; the next one starts from what that found. */
  adopt(vector: Packed | null): void;
}

/** Metrics are named `<matrix>Top`, …; matrices that are never negative have no bottom worth a chart. */
export async function openEnds(ground: CurvatureGround, matrix: CurvatureMatrix, { topK, stream }: EndsOptions): Promise<Ends> {
  const bottom = matrix.signed;
  const solver = await openLanczos(ground, productsFor(topK), matrix.product);
  const spans = [[0, dimension(ground.objective)]] as const;
  let measurement = 0;
  let warm: Packed | null = null;
  return {
    async measure(step: number, parameters: Parameters) {
      const previous = measurement % coldEvery === 0 ? null : warm;
      measurement++;
      const random = { seed: ground.seed, purpose: 'probe', indices: [step, stream] } as const;
      const start = { spans, previous: previous ?? undefined, random, keep: topK, keepBottom: bottom };
      const [{ spectrum, vector }] = await solver.solve(parameters, [start], ([known]) =>
        settled(known!, { top: topK, bottom, tolerance }),
      );
      if (vector) warm = vector;
      return endRows(matrix, spectrum, topK);
    },
    adopt(vector) {
      measurement++;
      if (vector) warm = vector;
    },
    state: () => ({ measurement: Float64Array.of(measurement), ...(warm ? { warm: Float64Array.from(warm) } : {}) }),
    restore(state) {
      measurement = state.measurement?.[0] ?? 0;
      warm = state.warm?.slice() ?? null;
    },
    close: () => solver.close(),
  };
}

export function endRows({ name, signed }: CurvatureMatrix, { values }: Spectrum, topK: number): CurvatureRow[] {
  const top = Array.from({ length: topK }, (_, i) => values[i] ?? { value: NaN, residual: NaN });
  const last = values.at(-1)!;
  return [
    { metric: `${name}Top`, values: Float64Array.from(top, ({ value }) => value) },
    { metric: `${name}TopResidual`, values: Float64Array.from(top, ({ residual }) => residual) },
    ...(signed
      ? [
          { metric: `${name}Bottom`, values: Float64Array.of(last.value) },
          { metric: `${name}BottomResidual`, values: Float64Array.of(last.residual) },
        ]
      : []),
  ];
}
