/** @file Measures the Hessian of the loss on the fixed curvature batch. Basis and products stay in the runtime; instruments take turns. */
import type { Runtime } from '#core/graph/program.ts';
import { fisherProduct, gaussNewtonProduct } from '#core/programs/gaussNewton.ts';
import type { LayeredObjective } from '#core/programs/lanczos.ts';
import { openBlocks, openScaleFree, type Kernels } from './curvatureBlocks.ts';
import { openDensity } from './curvatureDensity.ts';
import { openDirections } from './curvatureDirections.ts';
import { openEnds } from './curvatureEnds.ts';
import { openExact, openOffDiagonal } from './curvatureMatrix.ts';
import type { CurvatureGround, CurvaturePart, CurvatureRow, Parameters } from './curvaturePart.ts';
import { openTraceOf, openTraces } from './curvatureProbes.ts';

export type { CurvatureRow } from './curvaturePart.ts';

export interface CurvatureInstrument {
  /** Rows of every curvature metric asked for, at the weights in `parameters` (handles of the training state, not consumed). */
  measure(step: number, parameters: Parameters): Promise<CurvatureRow[]>;
  /** Curvature along the step that led from one set of weights to the next, at the first. */
  along(before: Parameters, after: Parameters): Promise<CurvatureRow[]>;
  /** What the next measurement starts from, for the checkpoint: a resumed run then repeats the bytes of an unbroken one. */
  state(): Readonly<Record<string, Float64Array>>;
  restore(state: Readonly<Record<string, Float64Array>>): void;
  close(): Promise<void>;
}

/** Which instruments a run wants besides both ends of the Hessian. */
export interface Instruments {
  readonly blocks: boolean;
  readonly trace: boolean;
  readonly gaussNewton: boolean;
  readonly fisher: boolean;
  readonly density: boolean;
  readonly offDiagonal: boolean;
  readonly directions: boolean;
  readonly scaleFree: boolean;
  readonly exact: boolean;
}

export interface CurvatureOptions {
  readonly objective: LayeredObjective;
  /** Curvature batch and whatever else the objective holds, uploaded once by the caller. */
  readonly held: Parameters;
  readonly seed: number;
  readonly topK: number;
  readonly instruments: Instruments;
  readonly kernels: Kernels;
  /** Measures the dearer instruments less often. Not where the steps are pinned: then every measurement is whole, and repeats. */
  readonly balanced: boolean;
}

/** An instrument that would take longer waits at the initialization: nobody has seen a row yet, and 50 layers of 64 waited 8 s for their blocks. */
const firstMs = 1_000;
// layers have streams 2, 3, …; those of several probes have room behind them
const streams = {
  whole: 0,
  trace: 1,
  gaussNewton: 1e6,
  gaussNewtonTrace: 2e6,
  fisher: 3e6,
  fisherTrace: 4e6,
  density: 5e6,
  offDiagonal: 6e6,
  scaleFree: 7e6,
};

export async function openCurvature(runtime: Runtime, options: CurvatureOptions): Promise<CurvatureInstrument> {
  const { objective, held, seed, topK, instruments, kernels } = options;
  const ground: CurvatureGround = { runtime, objective, held, seed };
  const whole = await openEnds(ground, { topK, prefix: 'hessian', bottom: true, stream: streams.whole });
  const parts: CurvaturePart[] = [];
  if (instruments.trace) parts.push(await openTraces(ground));
  if (instruments.blocks) parts.push(await openBlocks(ground));
  if (instruments.gaussNewton) {
    const product = gaussNewtonProduct;
    parts.push(await openEnds(ground, { topK, prefix: 'ggn', product, bottom: false, stream: streams.gaussNewton }));
    parts.push(await openTraceOf(ground, 'ggn', product, streams.gaussNewtonTrace));
  }
  if (instruments.fisher) {
    const product = fisherProduct;
    parts.push(await openEnds(ground, { topK, prefix: 'fisher', product, bottom: false, stream: streams.fisher }));
    parts.push(await openTraceOf(ground, 'fisher', product, streams.fisherTrace));
  }
  const directions = instruments.directions ? await openDirections(ground) : null;
  if (directions) parts.push(directions);
  if (instruments.offDiagonal) parts.push(await openOffDiagonal(ground, streams.offDiagonal));
  if (instruments.exact) parts.push(await openExact(ground));
  if (instruments.scaleFree && kernels.scaleInvariant.includes(true)) parts.push(await openScaleFree(ground, kernels, streams.scaleFree));
  const density = instruments.density ? await openDensity(ground, { topK, stream: streams.density, whole }) : null;
  const all = [whole, ...parts, ...(density ? [density] : [])];

  /** Milliseconds each instrument has used. */
  const spent = new Map(all.map(({ name }) => [name, 0]));
  let measurement = 0;
  async function timed({ name, measure }: CurvaturePart, step: number, parameters: Parameters): Promise<CurvatureRow[]> {
    const start = performance.now();
    const rows = await measure(step, parameters);
    spent.set(name, spent.get(name)! + performance.now() - start);
    return rows;
  }
  /**
   * Where the clock decides when to measure, the others wait until the top eigenvalues have used as much time as they have: blocks and
   * densities cost many products and would leave a deep network with a handful of points for its sharpness.
   */
  const inTurn = ({ name, products }: CurvaturePart): boolean => {
    if (!options.balanced) return true;
    if (measurement > 1) return spent.get(name)! <= spent.get(whole.name)!;
    if (spent.get(whole.name) === 0) return false;
    return products <= whole.products || (spent.get(whole.name)! / whole.products) * products < firstMs;
  };

  return {
    async measure(step, parameters) {
      measurement++;
      // one run of Lanczos serves both: the density's first probe finds the ends too
      const rows = await timed(density && inTurn(density) ? density : whole, step, parameters);
      for (const part of parts) if (inTurn(part)) rows.push(...(await timed(part, step, parameters)));
      return rows;
    },
    along: async (before, after) => directions?.along(before, after) ?? [],
    state: () =>
      Object.fromEntries(
        all.flatMap(({ name, state }) => Object.entries(state?.() ?? {}).map(([key, values]) => [`${name}/${key}`, values] as const)),
      ),
    restore(state) {
      for (const { name, restore } of all) {
        const own = Object.entries(state).filter(([key]) => key.startsWith(`${name}/`));
        restore?.(Object.fromEntries(own.map(([key, values]) => [key.slice(name.length + 1), values])));
      }
    },
    async close() {
      for (const { close } of all) await close();
    },
  };
}
