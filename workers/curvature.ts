/** @file Measures the Hessian of the loss on the fixed curvature batch. Basis and products stay in the runtime; instruments take turns. */
import type { Runtime } from '#core/graph/program.ts';
import { fisherProduct, gaussNewtonProduct } from '#core/programs/gaussNewton.ts';
import type { LayeredObjective } from '#core/programs/lanczos.ts';
import { openBlocks } from './curvatureBlocks.ts';
import { openEnds } from './curvatureEnds.ts';
import type { CurvatureGround, CurvaturePart, CurvatureRow, Parameters } from './curvaturePart.ts';
import { openTraceOf, openTraces } from './curvatureProbes.ts';

export type { CurvatureRow } from './curvaturePart.ts';

export interface CurvatureInstrument {
  /** Rows of every curvature metric asked for, at the weights in `parameters` (handles of the training state, not consumed). */
  measure(step: number, parameters: Parameters): Promise<CurvatureRow[]>;
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
}

export interface CurvatureOptions {
  readonly objective: LayeredObjective;
  /** Curvature batch and whatever else the objective holds, uploaded once by the caller. */
  readonly held: Parameters;
  readonly seed: number;
  readonly topK: number;
  readonly instruments: Instruments;
  /** Measures the dearer instruments less often. Not where the steps are pinned: then every measurement is whole, and repeats. */
  readonly balanced: boolean;
}

/** An instrument that would take longer waits at the initialization: nobody has seen a row yet, and 50 layers of 64 waited 8 s for their blocks. */
const firstMs = 1_000;
// layers have streams 2, 3, …
const streams = { whole: 0, trace: 1, gaussNewton: 1_000_000, gaussNewtonTrace: 1_000_001, fisher: 1_000_002, fisherTrace: 1_000_003 };

export async function openCurvature(runtime: Runtime, options: CurvatureOptions): Promise<CurvatureInstrument> {
  const { objective, held, seed, topK, instruments } = options;
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
  const all = [whole, ...parts];

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
    return products <= whole.products || (spent.get(whole.name)! / whole.products) * products < firstMs;
  };

  return {
    async measure(step, parameters) {
      measurement++;
      const rows = await timed(whole, step, parameters);
      for (const part of parts) if (inTurn(part)) rows.push(...(await timed(part, step, parameters)));
      return rows;
    },
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
