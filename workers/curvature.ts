/** @file Measures the Hessian of the loss on the fixed curvature batch, and its kin. Products are made in the runtime, and instruments take turns. */
import type { CurvatureSwitch } from '#core/define.ts';
import type { Runtime } from '#core/graph/program.ts';
import { dimension, type LayeredObjective } from '#core/programs/lanczos.ts';
import { fisherMatrix, ggnMatrix, hessianMatrix, modelFisherMatrix, type CurvatureMatrix } from '#core/programs/matrices.ts';
import { blockCost, openBlocks, openScaleFree, type Kernels } from './curvatureBlocks.ts';
import { densityProducts, openDensity } from './curvatureDensity.ts';
import { openDirections } from './curvatureDirections.ts';
import { openEnds, productsFor } from './curvatureEnds.ts';
import { openExact, openOffDiagonal } from './curvatureMatrix.ts';
import type { CurvatureGround, CurvaturePart, CurvatureRow, Parameters } from './curvaturePart.ts';
import { openTraces, probes } from './curvatureProbes.ts';

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
  /** What a measurement is worth, for the guess before the first one. */
  readonly gradients: number;
}
interface Lazy<T> extends Waiting {
  opened(): Promise<T>;
}

/** An instrument that would take longer waits at the initialization: nobody has seen a row yet, and 50 layers of 64 waited 8 s for their blocks. */
const firstMs = 1_000;
// layers and probes have streams of their own behind these
const streams = {
  hessian: { ends: 0, trace: 1, blocks: 2, density: 5e6 },
  ggn: { ends: 1e6, trace: 2e6, blocks: 10e6, density: 11e6 },
  fisher: { ends: 3e6, trace: 4e6, blocks: 12e6, density: 13e6 },
  modelFisher: { ends: 8e6, trace: 9e6, blocks: 14e6, density: 15e6 },
  offDiagonal: 6e6,
  scaleFree: 7e6,
};

export async function openCurvature(runtime: Runtime, options: CurvatureOptions): Promise<CurvatureInstrument> {
  const { objective, held, seed, topK, instruments, kernels } = options;
  const ground: CurvatureGround = { runtime, objective, held, seed };
  let opening = 0;
  /** Compiling for a thousand layers takes many seconds: an instrument is opened when it measures for the first time. */
  function lazily<T extends CurvaturePart>(name: string, gradients: number, open: () => Promise<T>): Lazy<T> {
    let part: T | null = null;
    let kept: Readonly<Record<string, Float64Array>> | null = null;
    const opened = async () => {
      if (part) return part;
      const [start, before] = [performance.now(), opening];
      part = await open();
      if (kept) part.restore?.(kept);
      opening = before + performance.now() - start; // a density opens the ends on its way
      return part;
    };
    return {
      name,
      gradients,
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
  const when = <T>(wanted: boolean, make: () => T): T[] => (wanted ? [make()] : []);
  /** The ends of a matrix, or its density, which brings them along; and what else is wanted of it. */
  function instrumentsOf(matrix: CurvatureMatrix, trace: boolean) {
    const [of, stream] = [matrix.name, streams[matrix.name]];
    const named = (what: string) => (of === 'hessian' ? what : `${of} ${what}`);
    const product = of === 'hessian' ? 2 : 1; // in gradients
    const ends = lazily(of, product * productsFor(topK), () => openEnds(ground, matrix, { topK, stream: stream.ends }));
    const withEnds = async () => openDensity(ground, matrix, { topK, stream: stream.density, ends: await ends.opened() });
    const [density = null] = when(instruments.density, () => lazily(named('density'), product * densityProducts, withEnds));
    const others = [
      ...when(trace, () => lazily(named('trace'), product * probes, () => openTraces(ground, matrix, stream.trace))),
      ...when(instruments.blocks, () =>
        lazily(named('blocks'), blockCost(objective, matrix), () => openBlocks(ground, matrix, stream.blocks)),
      ),
    ];
    return { ends, density, others };
  }
  const hessian = instrumentsOf(hessianMatrix, instruments.trace);
  const whole = hessian.ends;
  const kin = [
    ...when(instruments.gaussNewton, () => ggnMatrix),
    ...when(instruments.fisher, () => fisherMatrix),
    ...when(instruments.fisher && objective.information !== undefined, () => modelFisherMatrix),
  ].map((matrix) => instrumentsOf(matrix, true));
  const directions = instruments.directions ? lazily('directions', 4, () => openDirections(ground)) : null;
  const rest: Waiting[] = [
    ...(directions ? [directions] : []),
    ...when(instruments.offDiagonal, () => lazily('offDiagonal', 8 * layers, () => openOffDiagonal(ground, streams.offDiagonal))),
    ...when(instruments.exact, () => lazily('exact', 2 * dimension(objective), () => openExact(ground))),
    ...when(instruments.scaleFree && kernels.scaleInvariant.includes(true), () =>
      lazily('scaleFree', blockCost(objective, hessianMatrix), () => openScaleFree(ground, kernels, streams.scaleFree)),
    ),
  ];
  const all = [...[hessian, ...kin].flatMap(({ ends, density, others }) => [ends, ...(density ? [density] : []), ...others]), ...rest];

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
  const inTurn = ({ name, gradients }: Waiting): boolean => {
    if (!options.balanced) return true;
    if (measurement > 1) return spent.get(name)! <= spent.get(whole.name)!;
    if (spent.get(whole.name) === 0) return false;
    return gradients <= whole.gradients || (spent.get(whole.name)! / whole.gradients) * gradients < firstMs;
  };

  return {
    async measure(step, parameters) {
      measurement++;
      // one run of Lanczos serves both: the density's first probe finds the ends too
      const rows = await timed(hessian.density && inTurn(hessian.density) ? hessian.density : whole, step, parameters);
      const others = [
        ...hessian.others,
        ...kin.flatMap(({ ends, density, others }) => [density && inTurn(density) ? density : ends, ...others]),
        ...rest,
      ];
      for (const part of others) if (inTurn(part)) rows.push(...(await timed(part, step, parameters)));
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
