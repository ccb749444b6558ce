/** @file Lanczos on the blocks of several layers side by side: a product serves all of them, everything else is each one's own. */
import type { Spectrum } from '#core/curvature/lanczos.ts';
import { dimension, type Product } from '#core/programs/lanczos.ts';
import type { Rng } from '#core/rng.ts';
import { readSpectrum, roomOf } from './curvatureLanczos.ts';
import {
  addInto,
  clear,
  dotWithin,
  fillStart,
  leaveBeside,
  noiseOf,
  packed,
  scaleInto,
  type CurvatureGround,
  type Parameters,
  type Span,
} from './curvaturePart.ts';
import { openProducts } from './curvatureProducts.ts';

/** Where a block lies in the vector, and what its run starts from. */
export interface BlockStart {
  readonly spans: readonly Span[];
  /** Overwritten by the vector that is left for the next start. */
  readonly previous?: Float64Array | undefined;
  readonly random: Rng;
}

export interface SideBySide {
  /** For each block its spectrum, and the sum of the Ritz vectors of both ends; null where it ran away. */
  solve(
    parameters: Parameters,
    starts: readonly BlockStart[],
  ): Promise<readonly { readonly spectrum: Spectrum; readonly vector: Float64Array | null }[]>;
  close(): Promise<void>;
}

/**
 * The few rows of these bases are combined here: what a pass over them costs is less than what a runtime takes to be asked, block by block.
 *
 * @param product a block-diagonal matrix, whose blocks `starts` names all: they tile the vector
 */
export async function openSideBySide(ground: CurvatureGround, rank: number, product: Product): Promise<SideBySide> {
  const { objective, held } = ground;
  const size = dimension(objective);
  const products = await openProducts(ground, product);
  const room = roomOf(ground);
  return {
    async solve(parameters, starts) {
      const all = room.take((rank + 1) * size);
      const rows = Array.from({ length: rank }, (_, j) => all.subarray(j * size, (j + 1) * size));
      const rest = all.subarray(rank * size);
      const alpha = starts.map(() => new Float64Array(rank));
      const beta = starts.map(() => new Float64Array(rank));
      for (const { spans, previous, random } of starts) fillStart(rows[0]!, spans, previous, random);
      const at = await products.at({ ...parameters, ...held });
      for (let j = 0; j < rank; j++) {
        await at.product(rows[j]!, rest);
        starts.forEach(({ spans }, block) => {
          const along = (alpha[block]![j] = dotWithin(spans, rows[j]!, rest));
          addInto(rest, spans, -along, rows[j]!);
          if (j > 0) addInto(rest, spans, -beta[block]![j - 1]!, rows[j - 1]!);
          // the recurrence leaves only what rounding made, and one pass over the basis takes that away
          if (j + 1 < rank) leaveBeside(rest, spans, rows.slice(0, j + 1));
          const length = (beta[block]![j] = Math.sqrt(dotWithin(spans, rest, rest)));
          if (j + 1 === rank) return;
          // an exhausted space leaves rounding noise, cut off when the spectrum is read; what ran away must not reach the other blocks
          if (Number.isFinite(length)) scaleInto(rows[j + 1]!, spans, rest, 1 / Math.max(length, 1e-30));
          else clear(rows[j + 1]!, spans);
        });
      }
      at.release();
      const found = starts.map(({ spans, previous }, block) => {
        const spectrum = readSpectrum(alpha[block]!, beta[block]!, noiseOf(objective));
        const ends = new Set([spectrum.values[0]!, spectrum.values.at(-1)!]);
        if (Number.isNaN(spectrum.values[0]!.value)) return { spectrum, vector: null };
        clear(rest, spans);
        for (const { coefficients } of ends) coefficients.forEach((share, j) => addInto(rest, spans, share, rows[j]!));
        return { spectrum, vector: packed(rest, spans, previous) };
      });
      room.give(all);
      return found;
    },
    close: () => products.close(),
  };
}
