/** @file Measures the Hessian of the loss on the fixed curvature batch: ends of the spectrum, layer blocks, trace. Basis and products stay in the runtime. */
import { ritzSpectrum, type Spectrum } from '#core/curvature/lanczos.ts';
import { sizeOf, type Values } from '#core/graph/node.ts';
import type { Executable, Handle, Runtime } from '#core/graph/program.ts';
import { combineProgram, dimension, lanczosProgram, traceProgram, type Objective } from '#core/programs/lanczos.ts';
import { rng, type Rng } from '#core/rng.ts';
import { standardError, mean } from '#core/statistics.ts';

export interface CurvatureRow {
  readonly metric: string;
  readonly values: Float64Array;
}

export interface CurvatureInstrument {
  /** Rows of every curvature metric asked for, at the weights in `parameters` (handles of the training state, not consumed). */
  measure(step: number, parameters: Readonly<Record<string, Handle>>): Promise<CurvatureRow[]>;
  /** What the next measurement starts from, for the checkpoint: a resumed run then repeats the bytes of an unbroken one. */
  state(): Readonly<Record<string, Float64Array>>;
  restore(state: Readonly<Record<string, Float64Array>>): void;
  close(): Promise<void>;
}

export interface CurvatureOptions {
  readonly objective: Objective;
  /** Curvature batch and whatever else the objective holds, uploaded once by the caller. */
  readonly held: Readonly<Record<string, Handle>>;
  /** Layer of each member of each stack [G, …], in the order of the vector. */
  readonly memberLayers: readonly (readonly number[])[];
  readonly layers: number;
  readonly seed: number;
  readonly topK: number;
  readonly blocks: boolean;
  readonly trace: boolean;
  /** Measures the dearer instruments less often. Not where the steps are pinned: then every measurement is whole, and repeats. */
  readonly balanced: boolean;
}

// 10 products find the top to 1% (p95), 25 the top five; 6 warm ones a block's top. A cold run now and then checks the warm ones.
const productsFor = (topK: number) => (topK === 1 ? 10 : Math.max(12, 5 * topK));
const blockProducts = 6;
const traceProbes = 8;
const coldEvery = 10;
const randomShare = 0.3;
const firstBlocksMs = 1_000;
/** The basis may take this much; past it fewer products are made and the residuals say so. */
const basisBytes = 512 * 1024 * 1024;

export async function openCurvature(runtime: Runtime, options: CurvatureOptions): Promise<CurvatureInstrument> {
  const { objective, held, seed, topK } = options;
  const size = dimension(objective);
  const float64 = objective.g.precision === 'float64';
  const noise = float64 ? 1e-12 : 1e-6;
  const rank = Math.max(2, Math.min(productsFor(topK), size, Math.floor(basisBytes / (size * (float64 ? 8 : 4)))));
  const blockRank = Math.min(blockProducts, size);
  const array = (length: number): Float32Array | Float64Array => (float64 ? new Float64Array(length) : new Float32Array(length));
  const masks = maskOfLayers(options);
  const whole = {
    program: await runtime.compile(lanczosProgram(objective, rank)),
    combine: await runtime.compile(combineProgram(objective.g, rank, size)),
    rank,
  };
  const block = options.blocks
    ? {
        program: await runtime.compile(lanczosProgram(objective, blockRank)),
        combine: await runtime.compile(combineProgram(objective.g, blockRank, size)),
        rank: blockRank,
      }
    : null;
  const traces = options.trace ? await runtime.compile(traceProgram(objective)) : null;
  const warm = new Map<string, Float64Array>();
  let measurement = 0;

  /** One Lanczos run on the part of the weights that `spans` covers; leaves its warm start under `name`. */
  async function solve(
    name: string,
    { program, combine, rank }: typeof whole,
    spans: Span[],
    keep: number,
    parameters: Readonly<Record<string, Handle>>,
    random: Rng,
  ): Promise<Spectrum> {
    const mask = array(size);
    for (const [from, to] of spans) mask.fill(1, from, to);
    const basis = array((rank + 1) * size);
    basis.set(startVector(spans, warm.get(name), random, size));
    const handles = { basis: await runtime.upload(basis, [rank + 1, size]), mask: await runtime.upload(mask, [1, size]) };
    const next = array(rank * (rank + 1));
    for (let j = 0; j < rank; j++) next[j * (rank + 1) + j + 1] = 1;
    const { state, records } = await program.run({
      state: { basis: handles.basis },
      held: { ...parameters, ...held, mask: handles.mask },
      rows: { row: Int32Array.from({ length: rank }, (_, j) => j), next },
      steps: rank,
    });
    runtime.release(handles.mask);
    const spectrum = readSpectrum(records.alpha!, records.beta!, noise);
    const coefficients = array(rank + 1);
    for (const { coefficients: ritz } of spectrum.values.slice(0, keep)) ritz.forEach((value, j) => (coefficients[j]! += value));
    if (coefficients.every(Number.isFinite)) {
      const { records } = await combine.run({ state: {}, held: { basis: state.basis! }, rows: { coefficients }, steps: 1 });
      warm.set(name, packed(records.vector!, spans));
    }
    runtime.release(state.basis!);
    return spectrum;
  }

  async function measureTraces(parameters: Readonly<Record<string, Handle>>, random: Rng): Promise<CurvatureRow[]> {
    const probe = array(traceProbes * size);
    for (let i = 0; i < probe.length; i++) probe[i] = random.rademacher();
    const { records } = await traces!.run({ state: {}, held: { ...parameters, ...held }, rows: { probe }, steps: traceProbes });
    const members = options.memberLayers.flat();
    const perProbe = Array.from({ length: traceProbes }, (_, p) => {
      const row = new Float64Array(options.layers);
      members.forEach((layer, m) => (row[layer]! += records.traces![p * members.length + m]!));
      return row;
    });
    const totals = perProbe.map((row) => row.reduce((sum, value) => sum + value, 0));
    const perLayer = Float64Array.from({ length: options.layers }, (_, l) => mean(perProbe.map((row) => row[l]!)));
    return [
      { metric: 'hessianTrace', values: Float64Array.of(mean(totals)) },
      { metric: 'hessianTraceError', values: Float64Array.of(standardError(totals)) },
      { metric: 'blockTrace', values: perLayer },
    ];
  }

  /** Top eigenvalue of every layer's block, one Lanczos run after another. */
  async function measureBlocks(step: number, parameters: Readonly<Record<string, Handle>>): Promise<CurvatureRow[]> {
    const tops = new Float64Array(options.layers);
    const residuals = new Float64Array(options.layers);
    for (let layer = 0; layer < options.layers; layer++) {
      const spectrum = await solve(`layer ${layer}`, block!, masks[layer]!, 1, parameters, rng(seed, 'probe', step, 2 + layer));
      tops[layer] = spectrum.values[0]!.value;
      residuals[layer] = spectrum.values[0]!.residual;
    }
    return [
      { metric: 'blockTop', values: tops },
      { metric: 'blockTopResidual', values: residuals },
    ];
  }

  /** Milliseconds each instrument has used. */
  const spent = { whole: 0, trace: 0, blocks: 0 };
  async function timed<T>(instrument: keyof typeof spent, measure: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await measure();
    spent[instrument] += performance.now() - start;
    return result;
  }
  /**
   * Where the clock decides when to measure, trace and blocks wait until the top eigenvalues have used as much time as they have: blocks
   * cost a Lanczos run a layer and would leave a deep network with a handful of points for its sharpness.
   */
  const inTurn = (instrument: 'trace' | 'blocks'): boolean => {
    if (!options.balanced) return true;
    if (measurement > 1) return spent[instrument] <= spent.whole;
    // at the initialization nobody has seen a row yet: 50 layers of 64 would wait 8 s for their blocks
    return instrument === 'trace' || (spent.whole / rank) * blockRank * options.layers < firstBlocksMs;
  };

  return {
    async measure(step, parameters) {
      const rows: CurvatureRow[] = [];
      if (measurement % coldEvery === 0) warm.delete('whole');
      measurement++;
      const { values } = await timed('whole', () => solve('whole', whole, [[0, size]], topK, parameters, rng(seed, 'probe', step, 0)));
      const top = Array.from({ length: topK }, (_, i) => values[i] ?? { value: NaN, residual: NaN });
      rows.push(
        { metric: 'hessianTop', values: Float64Array.from(top, ({ value }) => value) },
        { metric: 'hessianTopResidual', values: Float64Array.from(top, ({ residual }) => residual) },
        { metric: 'hessianBottom', values: Float64Array.of(values.at(-1)!.value) },
        { metric: 'hessianBottomResidual', values: Float64Array.of(values.at(-1)!.residual) },
      );
      if (traces && inTurn('trace')) rows.push(...(await timed('trace', () => measureTraces(parameters, rng(seed, 'probe', step, 1)))));
      if (block && inTurn('blocks')) rows.push(...(await timed('blocks', () => measureBlocks(step, parameters))));
      return rows;
    },
    state: () => ({ ...Object.fromEntries(warm), measurement: Float64Array.of(measurement) }),
    restore(state) {
      warm.clear();
      for (const [name, vector] of Object.entries(state)) if (name !== 'measurement') warm.set(name, vector);
      measurement = state.measurement?.[0] ?? 0;
    },
    async close() {
      const executables: (Executable | undefined)[] = [whole.program, whole.combine, block?.program, block?.combine, traces ?? undefined];
      for (const executable of executables) await executable?.close();
    },
  };
}

type Span = readonly [from: number, to: number];

/** Where each layer's parameters lie in the vector. */
function maskOfLayers({ objective, memberLayers, layers }: CurvatureOptions): Span[][] {
  const spans: Span[][] = Array.from({ length: layers }, () => []);
  let offset = 0;
  objective.parameters.forEach(({ input }, stack) => {
    const members = memberLayers[stack]!;
    const length = sizeOf(input.shape) / members.length;
    for (const layer of members) spans[layer]!.push([offset, (offset += length)]);
  });
  return spans;
}

/** The spans of a vector alone: a layer's warm start takes the layer's room, not the network's. */
function packed(vector: Values, spans: readonly Span[]): Float64Array {
  const values = new Float64Array(spans.reduce((sum, [from, to]) => sum + to - from, 0));
  let filled = 0;
  for (const [from, to] of spans) {
    values.set(vector.subarray(from, to), filled);
    filled += to - from;
  }
  return values;
}

/** Last measurement's Ritz vectors with 30% random mixed in (a pure warm start can lock on an old eigenvector), or random alone. Unit norm. */
function startVector(spans: readonly Span[], previous: Float64Array | undefined, random: Rng, size: number): Float64Array {
  const length = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const noise = new Float64Array(spans.reduce((sum, [from, to]) => sum + to - from, 0)).map(() => random.normal());
  const [noiseLength, previousLength] = [length(noise), previous ? length(previous) : 0];
  const share = previousLength > 0 ? randomShare : 1;
  const mixed = noise.map((value, i) => (share * value) / noiseLength + (previousLength > 0 ? previous![i]! / previousLength : 0));
  const mixedLength = length(mixed);
  const start = new Float64Array(size);
  let read = 0;
  for (const [from, to] of spans) for (let i = from; i < to; i++) start[i] = mixed[read++]! / mixedLength;
  return start;
}

/** Weights that ran away make products that are not finite: a finding, not an error. */
function readSpectrum(alpha: Values, beta: Values, noise: number): Spectrum {
  if (![...alpha, ...beta].every(Number.isFinite))
    return { rank: alpha.length, values: [{ value: NaN, residual: NaN, coefficients: new Float64Array(alpha.length).fill(NaN) }] };
  return ritzSpectrum(alpha, beta, noise);
}
