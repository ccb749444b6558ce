/** @file Measures the Hessian of the loss on the fixed curvature batch. Products are made in the runtime, and instruments take turns. */
import type { CurvatureSwitch } from '#core/define.ts';
import type { Runtime } from '#core/graph/program.ts';
import { fisherProduct, gaussNewtonProduct, modelFisherProduct } from '#core/programs/gaussNewton.ts';
import { dimension, type LayeredObjective, type Product } from '#core/programs/lanczos.ts';
import { blockCost, openBlocks, openScaleFree, type Kernels } from './curvatureBlocks.ts';
import { openDensity } from './curvatureDensity.ts';
import { openDirections } from './curvatureDirections.ts';
import { openEnds, productsFor } from './curvatureEnds.ts';
import { openExact, openOffDiagonal } from './curvatureMatrix.ts';
import type { CurvatureGround, CurvaturePart, CurvatureRow, Parameters } from './curvaturePart.ts';
import { openTraceOf, openTraces } from './curvatureProbes.ts';

export type { CurvatureRow } from './curvaturePart.ts';

export interface CurvatureInstrument {
  /** Rows of every curvature metric asked for, at the weights in `parameters` (handles of the training state, not consumed). */
  measure(step: number, parameters: Parameters): Promise<CurvatureRow[]>;
  /** Curvature along the step that led from one set of weights to the next, at the first. */
  along(before: Parameters, after: Parameters): Promise<CurvatureRow[]>;
  /** Milliseconds that went into compiling so far: no measure of what a measurement costs. */
  opening(): number;
  /** What the next measurement starts from, for the checkpoint: a resumed run then repeats the bytes of an unbroken one. */
  state(): Readonly<Record<string, Float64Array>>;
  restore(state: Readonly<Record<string, Float64Array>>): void;
  close(): Promise<void>;
}

/** Which instruments a run wants besides both ends of the Hessian. */
export type Instruments = Readonly<Record<CurvatureSwitch, boolean>>;

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

interface Waiting extends CurvaturePart {
  readonly name: string;
  /** Hessian-vector products a measurement is worth, for the guess before the first one. */
  readonly products: number;
}
interface Lazy<T> extends Waiting {
  opened(): Promise<T>;
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
  modelFisher: 8e6,
  modelFisherTrace: 9e6,
};

export async function openCurvature(runtime: Runtime, options: CurvatureOptions): Promise<CurvatureInstrument> {
  const { objective, held, seed, topK, instruments, kernels } = options;
  const ground: CurvatureGround = { runtime, objective, held, seed };
  const ends = (prefix: string, product: Product | undefined, stream: number, bottom: boolean) => () =>
    openEnds(ground, { topK, prefix, ...(product ? { product } : {}), bottom, stream });
  let opening = 0;
  /** Compiling for a thousand layers takes many seconds: an instrument is opened when it measures for the first time. */
  function lazily<T extends CurvaturePart>(name: string, products: number, open: () => Promise<T>): Lazy<T> {
    let part: T | null = null;
    let kept: Readonly<Record<string, Float64Array>> | null = null;
    const opened = async () => {
      if (part) return part;
      const start = performance.now();
      part = await open();
      if (kept) part.restore?.(kept);
      opening += performance.now() - start;
      return part;
    };
    return {
      name,
      products,
      opened,
      measure: async (step, parameters) => (await opened()).measure(step, parameters),
      state: () => part?.state?.() ?? kept ?? {},
      restore(state) {
        kept = state;
        part?.restore?.(state);
      },
      close: async () => part?.close(),
    };
  }
  const layers = objective.taps.length;
  const whole = lazily('hessian', productsFor(topK), ends('hessian', undefined, streams.whole, true));
  const parts: Waiting[] = [];
  if (instruments.trace) parts.push(lazily('trace', 8, () => openTraces(ground)));
  if (instruments.blocks) parts.push(lazily('blocks', blockCost(objective), () => openBlocks(ground)));
  for (const [wanted, prefix, product, top, trace] of [
    [instruments.gaussNewton, 'ggn', gaussNewtonProduct, streams.gaussNewton, streams.gaussNewtonTrace],
    [instruments.fisher, 'fisher', fisherProduct, streams.fisher, streams.fisherTrace],
    [instruments.fisher && objective.information, 'modelFisher', modelFisherProduct, streams.modelFisher, streams.modelFisherTrace],
  ] as const) {
    if (!wanted) continue;
    parts.push(lazily(prefix, productsFor(topK) / 2, ends(prefix, product, top, false)));
    parts.push(lazily(`${prefix}Trace`, 4, () => openTraceOf(ground, prefix, product, trace)));
  }
  const directions = instruments.directions ? lazily('directions', 2, () => openDirections(ground)) : null;
  if (directions) parts.push(directions);
  if (instruments.offDiagonal) parts.push(lazily('offDiagonal', 4 * layers, () => openOffDiagonal(ground, streams.offDiagonal)));
  if (instruments.exact) parts.push(lazily('exact', dimension(objective), () => openExact(ground)));
  if (instruments.scaleFree && kernels.scaleInvariant.includes(true))
    parts.push(lazily('scaleFree', blockCost(objective), () => openScaleFree(ground, kernels, streams.scaleFree)));
  const density = instruments.density
    ? lazily('density', 120, async () => openDensity(ground, { topK, stream: streams.density, whole: await whole.opened() }))
    : null;
  const all = [whole, ...parts, ...(density ? [density] : [])];

  /** Milliseconds each instrument has used. */
  const spent = new Map(all.map(({ name }) => [name, 0]));
  let measurement = 0;
  async function timed({ name, measure }: Waiting, step: number, parameters: Parameters): Promise<CurvatureRow[]> {
    const [start, before] = [performance.now(), opening];
    const rows = await measure(step, parameters);
    spent.set(name, spent.get(name)! + performance.now() - start - (opening - before));
    return rows;
  }
  /**
   * Where the clock decides when to measure, the others wait until the top eigenvalues have used as much time as they have: blocks and
   * densities cost many products and would leave a deep network with a handful of points for its sharpness.
   */
  const inTurn = ({ name, products }: Waiting): boolean => {
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
    opening: () => opening,
    along: async (before, after) => (directions ? (await directions.opened()).along(before, after) : []),
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
