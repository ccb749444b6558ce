/** @file What the instruments of curvature share: their options, where layers lie in a vector, vectors to start from. */
import { sizeOf, type Values } from '#core/graph/node.ts';
import type { Handle, Runtime } from '#core/graph/program.ts';
import type { LayeredObjective } from '#core/programs/lanczos.ts';
import type { Rng } from '#core/rng.ts';

export interface CurvatureRow {
  readonly metric: string;
  readonly values: Float64Array;
}
export type Parameters = Readonly<Record<string, Handle>>;

/** One instrument among those of a run; it measures when its turn comes. */
export interface CurvaturePart {
  measure(step: number, parameters: Parameters): Promise<CurvatureRow[]>;
  /** What the next measurement starts from. */
  state?(): Readonly<Record<string, Float64Array>>;
  restore?(state: Readonly<Record<string, Float64Array>>): void;
  close(): Promise<void>;
}

/** What every part needs. */
export interface CurvatureGround {
  readonly runtime: Runtime;
  readonly objective: LayeredObjective;
  /** Curvature batch and whatever else the objective holds, uploaded once by the caller. */
  readonly held: Parameters;
  readonly seed: number;
}

export const layerCount = ({ taps }: LayeredObjective): number => taps.length;

/** An array of the objective's precision, zeros. */
export const zeros = ({ g }: LayeredObjective, length: number): Float32Array | Float64Array =>
  g.precision === 'float64' ? new Float64Array(length) : new Float32Array(length);

/** The relative size of what rounding leaves in a product. */
export const noiseOf = ({ g }: LayeredObjective): number => (g.precision === 'float64' ? 1e-12 : 1e-6);

export type Span = readonly [from: number, to: number];

/** Where each layer's parameters lie in the vector. */
export function spansOfLayers({ parameters, members, taps }: LayeredObjective): Span[][] {
  const spans: Span[][] = taps.map(() => []);
  let offset = 0;
  parameters.forEach(({ input }, stack) => {
    const of = members[stack]!;
    const length = sizeOf(input.shape) / of.length;
    for (const { layer } of of) spans[layer]!.push([offset, (offset += length)]);
  });
  return spans;
}

/** The spans of a vector alone: a layer's warm start takes the layer's room, not the network's. */
export function packed(vector: Values, spans: readonly Span[]): Float64Array {
  const values = new Float64Array(spans.reduce((sum, [from, to]) => sum + to - from, 0));
  let filled = 0;
  for (const [from, to] of spans) {
    values.set(vector.subarray(from, to), filled);
    filled += to - from;
  }
  return values;
}

const randomShare = 0.3;

/**
 * Puts a start into the spans of `into`: last measurement's Ritz vectors with 30% random mixed in (a pure warm start can lock on an old
 * eigenvector), or random alone. Unit norm.
 */
export function fillStart(into: Values, spans: readonly Span[], previous: Float64Array | undefined, random: Rng): void {
  const mixed = new Float64Array(spans.reduce((sum, [from, to]) => sum + to - from, 0));
  for (let i = 0; i < mixed.length; i++) mixed[i] = random.normal();
  const [noiseLength, previousLength] = [length(mixed), previous ? length(previous) : 0];
  const share = (previousLength > 0 ? randomShare : 1) / noiseLength;
  for (let i = 0; i < mixed.length; i++) mixed[i] = share * mixed[i]! + (previousLength > 0 ? previous![i]! / previousLength : 0);
  const mixedLength = length(mixed);
  let read = 0;
  for (const [from, to] of spans) for (let i = from; i < to; i++) into[i] = mixed[read++]! / mixedLength;
}

function length(values: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! ** 2;
  return Math.sqrt(squares);
}
