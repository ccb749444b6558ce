/** @file Lanczos runs: on the whole matrix, or on the block of some of the weights. */
import { ritzSpectrum, type Spectrum } from '#core/curvature/lanczos.ts';
import type { Runtime } from '#core/graph/program.ts';
import { besideProgram, combineProgram, dimension, hessianProduct, type Product } from '#core/programs/lanczos.ts';
import type { Rng } from '#core/rng.ts';
import {
  dotWithin,
  fillStart,
  noiseOf,
  packed,
  scaleInto,
  zeros,
  type CurvatureGround,
  type Parameters,
  type Span,
} from './curvaturePart.ts';
import { openProducts } from './curvatureProducts.ts';

/** The basis may take this much; past it fewer products are made and the residuals say so. */
const basisBytes = 512 * 1024 * 1024;

export interface LanczosSolver {
  readonly rank: number;
  /**
   * @param start.previous is overwritten by the vector that is left for the next start
   * @param start.keep how many of the largest Ritz vectors are left, summed up, for the next start
   * @param start.keepBottom and the smallest one with them, so that this end is warm too
   * @param start.enough asked after 80% of the products and each one more, of what is known by then: stops the run
   */
  solve(
    parameters: Parameters,
    start: {
      spans: readonly Span[];
      previous?: Float64Array | undefined;
      random: Rng;
      keep: number;
      keepBottom?: boolean;
      enough?: (spectrum: Spectrum) => boolean;
    },
  ): Promise<{ spectrum: Spectrum; vector: Float64Array | null }>;
  close(): Promise<void>;
}

/**
 * The basis lies here, where a new row costs no copy of the others, and the runtime reads it in place. Inside a loop of the runtime every
 * step wrote all of it again: 20 steps with 3.4 million weights took 3.05 s of one core, and take 1.9 so.
 */
export async function openLanczos(ground: CurvatureGround, wanted: number, product: Product = hessianProduct): Promise<LanczosSolver> {
  const { runtime, objective, held } = ground;
  const size = dimension(objective);
  const { precision } = objective.g;
  const rank = Math.max(2, Math.min(wanted, size, Math.floor(basisBytes / (size * (precision === 'float64' ? 8 : 4)))));
  const products = await openProducts(ground, product);
  const room = roomOf(ground);
  const besides = await Promise.all(
    heights(rank).map(async (rows) => ({ rows, program: await runtime.compile(besideProgram(precision, rows, size)) })),
  );
  const combine = await runtime.compile(combineProgram(precision, rank, size));
  return {
    rank,
    async solve(parameters, { spans, previous, random, keep, keepBottom = false, enough }) {
      const all = room.take((rank + 2) * size);
      const [basis, image, rest] = [all.subarray(0, rank * size), all.subarray(rank * size, -size), all.subarray(-size)];
      basis.fill(0);
      const row = (j: number) => basis.subarray(j * size, (j + 1) * size);
      const lend = (from: number, rows: number) =>
        runtime.upload(basis.subarray(from * size, (from + rows) * size), [rows, size], { lent: true });
      fillStart(basis, spans, previous, random);
      const [alpha, beta] = [new Float64Array(rank), new Float64Array(rank)];
      const at = await products.at({ ...parameters, ...held });
      let made = 0;
      const spectrumSoFar = () => readSpectrum(alpha.subarray(0, made), beta.subarray(0, made), noiseOf(objective));
      for (let j = 0; j < rank; j++) {
        await at.product(row(j), image);
        alpha[j] = dotWithin(spans, row(j), image);
        const { rows, program } = besides.find(({ rows }) => rows > j)!;
        const handles = {
          product: await runtime.upload(image, [1, size], { lent: true }),
          recent: await lend(Math.max(j - 1, 0), 2),
          basis: await lend(0, rows),
        };
        await program.run({ state: {}, held: handles, rows: {}, steps: 1, into: { rest } });
        for (const handle of Object.values(handles)) runtime.release(handle);
        beta[j] = Math.sqrt(dotWithin(spans, rest, rest));
        made = j + 1;
        if (!Number.isFinite(alpha[j]! + beta[j]!)) break;
        if (enough && made >= fewest * rank && made < rank && enough(spectrumSoFar())) break;
        // an exhausted space leaves rounding noise, cut off when the spectrum is read
        if (j + 1 < rank) scaleInto(row(j + 1), spans, rest, 1 / Math.max(beta[j]!, 1e-30));
      }
      at.release();
      const spectrum = spectrumSoFar();
      const coefficients = zeros(objective, rank);
      const kept = new Set([...spectrum.values.slice(0, keep), ...(keepBottom ? spectrum.values.slice(-1) : [])]);
      for (const { coefficients: ritz } of kept) ritz.forEach((value, j) => (coefficients[j]! += value));
      if (keep === 0 || !coefficients.every(Number.isFinite)) {
        room.give(all);
        return { spectrum, vector: null };
      }
      const handles = { basis: await lend(0, rank), coefficients: await runtime.upload(coefficients, [1, rank]) };
      await combine.run({ state: {}, held: handles, rows: {}, steps: 1, into: { vector: rest } });
      for (const handle of Object.values(handles)) runtime.release(handle);
      const vector = packed(rest, spans, previous);
      room.give(all);
      return { spectrum, vector };
    },
    async close() {
      await products.close();
      for (const { program } of besides) await program.close();
      await combine.close();
    },
  };
}

const rooms = new WeakMap<Runtime, ArrayBuffer>();

/** Memory for one run at a time on a runtime, used again by the next: that of a basis costs more to touch for the first time than to work on. */
export function roomOf({ runtime, objective }: CurvatureGround) {
  const { BYTES_PER_ELEMENT: bytes, constructor } = zeros(objective, 0);
  const Floats = constructor as typeof Float32Array | typeof Float64Array;
  return {
    take(length: number): Float32Array | Float64Array {
      const known = rooms.get(runtime);
      rooms.delete(runtime);
      return new Floats(known && known.byteLength >= length * bytes ? known : new ArrayBuffer(length * bytes), 0, length);
    },
    give({ buffer }: Float32Array | Float64Array): void {
      rooms.set(runtime, buffer as ArrayBuffer);
    },
  };
}

/** The share of the products that is always made: with fewer, a start along an old eigenvector stays with it though another has outgrown it. */
const fewest = 0.8;

/** Rows of a basis that are passed over at once: the next multiple of four, the rest of them still zero. */
const heights = (rank: number): number[] => [...Array.from({ length: Math.ceil(rank / 4) - 1 }, (_, i) => 4 * (i + 1)), rank];

/** Weights that ran away make products that are not finite: a finding, not an error. */
export function readSpectrum(alpha: Float64Array, beta: Float64Array, noise: number): Spectrum {
  if (![...alpha, ...beta].every(Number.isFinite))
    return {
      rank: alpha.length,
      values: [{ value: NaN, residual: NaN, coefficients: new Float64Array(alpha.length).fill(NaN), weight: NaN }],
    };
  return ritzSpectrum(alpha, beta, noise);
}
