/** @file Lanczos runs on a matrix, or on several of its diagonal blocks side by side: a product serves all of them, everything else is each one's own. */
import { openDrift } from '#core/curvature/drift.ts';
import { ritzSpectrum, type Spectrum } from '#core/curvature/lanczos.ts';
import { dimension, hessianProduct, type Product } from '#core/programs/lanczos.ts';
import type { Stream } from '#core/rng.ts';
import { clear, noiseOf, packed, unpack, type CurvatureGround, type Packed, type Parameters } from './curvaturePart.ts';
import { openProducts } from './curvatureProducts.ts';
import { mostVectors, takeVectors, type Span, type Vectors } from './vectors/room.ts';

/** The basis may take this much; past it fewer products are made and the residuals say so. */
const basisBytes = 512 * 1024 * 1024;

/** Where a block lies in the vector, and what its run starts from and leaves. */
export interface LanczosStart {
  readonly spans: readonly Span[];
  /** Overwritten by the vector that is left for the next start. */
  readonly previous?: Packed | undefined;
  readonly random: Stream;
  /** How many of the largest Ritz vectors are left, summed up, for the next start; 1 unless said. */
  readonly keep?: number;
  /** And the smallest one with them, so that this end is warm too. */
  readonly keepBottom?: boolean;
}

export interface LanczosFound {
  readonly spectrum: Spectrum;
  /** The sum of the Ritz vectors that were to be kept; null where there are none or the run ran away. */
  readonly vector: Packed | null;
}

export interface LanczosSolver {
  readonly rank: number;
  /**
   * @param starts blocks beside which the matrix' product is zero, or one block alone
   * @param enough asked after 80% of the products and each one more, of what is known by then: stops the run
   */
  solve<const Starts extends readonly LanczosStart[]>(
    parameters: Parameters,
    starts: Starts,
    enough?: (spectra: readonly Spectrum[]) => boolean,
  ): Promise<{ readonly [K in keyof Starts]: LanczosFound }>;
  close(): Promise<void>;
}

/**
 * The basis lies in memory of this process, where a new row costs no copy of the others and a product reads it in place: inside a loop of the
 * runtime every step wrote all of it again.
 *
 * What a product leaves beside the last two vectors is orthogonal to the others too, until a Ritz value converges: then two remainders in turn
 * are taken from the whole basis. 20 steps for 50 layers of 256 pass over it 4 times so, not 19, and take 0.99 s in place of 1.17. A pass without
 * the recurrence before it showed, in float32 on a positive spectrum of twelve decades, -1,620 beside a largest value of 1e6.
 */
export async function openLanczos(ground: CurvatureGround, wanted: number, product: Product = hessianProduct): Promise<LanczosSolver> {
  const { objective, held } = ground;
  const size = dimension(objective);
  const { precision } = objective.g;
  const noise = noiseOf(objective);
  const rank = Math.max(2, Math.min(wanted, size, mostVectors - 1, Math.floor(basisBytes / (size * (precision === 'float64' ? 8 : 4)))));
  const products = await openProducts(ground, product);
  return {
    rank,
    async solve(parameters, starts, enough) {
      const vectors = takeVectors(precision, rank + 1, size);
      const rest = vectors.of[rank]!;
      // what lies beside the only block must not reach the product
      if (starts.flatMap(({ spans }) => spans).reduce((sum, [from, to]) => sum + to - from, 0) < size)
        for (const row of vectors.of) row.fill(0);
      const runs = starts.map((start) => {
        fillStart(vectors, start, rank);
        return { ...start, drift: openDrift(noise), alpha: new Float64Array(rank), beta: new Float64Array(rank) };
      });
      const at = await products.at({ ...parameters, ...held });
      let made = 0;
      const spectra = () => runs.map(({ alpha, beta }) => readSpectrum(alpha.subarray(0, made), beta.subarray(0, made), noise));
      for (let j = 0; j < rank; j++) {
        await at.product(vectors.of[j]!, rest);
        const rows = Array.from({ length: j + 1 }, (_, i) => i);
        for (const { spans, drift, alpha, beta } of runs) {
          alpha[j] = vectors.dot(spans, j, rank);
          beta[j] = vectors.leave(spans, rank, rows.slice(-2), j === 0 ? [alpha[0]!] : [beta[j - 1]!, alpha[j]!]);
          if (j + 1 < rank) {
            if (drift.exceeds(alpha, beta, beta[j]!)) beta[j] = takenFrom(vectors, spans, rows, rank);
            // an exhausted space leaves rounding noise, cut off when the spectrum is read; what ran away must not reach the other blocks
            if (Number.isFinite(beta[j])) vectors.scale(spans, j + 1, rank, 1 / Math.max(beta[j]!, 1e-30));
            else clear(vectors.of[j + 1]!, spans);
          }
        }
        made = j + 1;
        if (!runs.some(({ alpha, beta }) => Number.isFinite(alpha[j]! + beta[j]!))) break;
        if (enough && made >= fewest * rank && made < rank && enough(spectra())) break;
      }
      at.release();
      const found = spectra().map((spectrum, i): LanczosFound => {
        const { spans, previous, keep = 1, keepBottom = false } = runs[i]!;
        const kept = new Set([...spectrum.values.slice(0, keep), ...(keepBottom ? spectrum.values.slice(-1) : [])]);
        if (kept.size === 0 || Number.isNaN(spectrum.values[0]!.value)) return { spectrum, vector: null };
        clear(rest, spans);
        const shares = new Float64Array(spectrum.rank);
        for (const { coefficients } of kept) coefficients.forEach((share, j) => (shares[j]! -= share));
        vectors.leave(
          spans,
          rank,
          Array.from(shares, (_, j) => j),
          shares,
        );
        return { spectrum, vector: packed(rest, spans, previous) };
      });
      vectors.release();
      return found as { [K in keyof typeof starts]: LanczosFound };
    },
    close: () => products.close(),
  };
}

/**
 * vector ← what the rows leave of it, again as long as they take more than 1%: rows that are orthogonal to 3e-5 leave 3e-7 then.
 *
 * @returns its norm
 */
function takenFrom(vectors: Vectors, spans: readonly Span[], rows: readonly number[], vector: number): number {
  let norm = NaN;
  for (let pass = 0; pass < 3; pass++) {
    const shares = vectors.meet(spans, vector, rows);
    norm = vectors.leave(spans, vector, rows, shares);
    if (!(Math.hypot(...shares) > 0.01 * norm)) break;
  }
  return norm;
}

const randomShare = 0.3;

/**
 * Puts a start into the first vector: last measurement's Ritz vectors with 30% random mixed in (a pure warm start can lock on an old
 * eigenvector), or random alone. Unit norm.
 *
 * Evenly spread values, where normal ones took as long as three products. Not signs: half of all vectors of signs are orthogonal to the
 * difference of two units that are alike, and would never find its eigenvalue.
 *
 * @param scratch a vector that the first product overwrites, all of it
 */
function fillStart(vectors: Vectors, { spans, previous, random }: LanczosStart, scratch: number): void {
  vectors.uniform(spans, 0, scratch, random);
  let length = Math.sqrt(vectors.dot(spans, 0, 0));
  if (previous) unpack(previous, spans, vectors.of[scratch]!);
  const warm = previous ? Math.sqrt(vectors.dot(spans, scratch, scratch)) : 0;
  if (warm > 0) {
    vectors.scale(spans, 0, 0, randomShare / length);
    length = vectors.leave(spans, 0, [scratch], [-1 / warm]);
  }
  vectors.scale(spans, 0, 0, 1 / length);
}

/** The share of the products that is always made: with fewer, a start along an old eigenvector stays with it though another has outgrown it. */
const fewest = 0.8;

/** Weights that ran away make products that are not finite: a finding, not an error. */
function readSpectrum(alpha: Float64Array, beta: Float64Array, noise: number): Spectrum {
  if (![...alpha, ...beta].every(Number.isFinite))
    return {
      rank: alpha.length,
      values: [{ value: NaN, residual: NaN, coefficients: new Float64Array(alpha.length).fill(NaN), weight: NaN }],
    };
  return ritzSpectrum(alpha, beta, noise);
}
