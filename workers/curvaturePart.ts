/** @file What the instruments of curvature share: their options, where layers lie in a vector, vectors to start from. */
import { sizeOf, type Values } from '#core/graph/node.ts';
import type { Handle, Runtime } from '#core/graph/program.ts';
import type { LayeredObjective } from '#core/programs/lanczos.ts';
import type { CurvatureMatrix } from '#core/programs/matrices.ts';
import type { Span } from './vectors/room.ts';

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

/** `blockTop` of the Hessian, `ggnBlockTop` of another matrix. */
export const blockMetric = ({ name }: CurvatureMatrix, quantity: string): string =>
  name === 'hessian' ? `block${quantity}` : `${name}Block${quantity}`;

export const layerCount = ({ taps }: LayeredObjective): number => taps.length;

/** An array of the objective's precision, zeros. */
export const zeros = ({ g }: LayeredObjective, length: number): Float32Array | Float64Array =>
  g.precision === 'float64' ? new Float64Array(length) : new Float32Array(length);

/** The relative size of what rounding leaves in a product. */
export const noiseOf = ({ g }: LayeredObjective): number => (g.precision === 'float64' ? 1e-12 : 1e-6);

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

/** The spans of a vector alone, one after another. */
export type Packed = Float32Array | Float64Array;

/** A layer's warm start takes the layer's room, not the network's. Overwrites `known`, if there is one. */
export function packed(vector: Packed, spans: readonly Span[], known?: Packed): Packed {
  const values =
    known ??
    vector.slice(
      0,
      spans.reduce((sum, [from, to]) => sum + to - from, 0),
    );
  let filled = 0;
  for (const [from, to] of spans) {
    values.set(vector.subarray(from, to), filled);
    filled += to - from;
  }
  return values;
}

/** The reverse: `vector` ← `values` on the spans. */
export function unpack(values: Packed, spans: readonly Span[], vector: Packed): void {
  let read = 0;
  for (const [from, to] of spans) vector.set(values.subarray(read, (read += to - from)), from);
}

/** Σ aᵢ bᵢ over the spans, in float64; four sums side by side take a quarter less time than one. */
export function dotWithin(spans: readonly Span[], a: Values, b: Values): number {
  let total = 0;
  for (const [from, to] of spans) {
    const whole = to - ((to - from) % 4);
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = from; i < whole; i += 4) {
      s0 += a[i]! * b[i]!;
      s1 += a[i + 1]! * b[i + 1]!;
      s2 += a[i + 2]! * b[i + 2]!;
      s3 += a[i + 3]! * b[i + 3]!;
    }
    for (let i = whole; i < to; i++) s0 += a[i]! * b[i]!;
    total += s0 + s1 + (s2 + s3);
  }
  return total;
}

/** into ← factor · values on the spans. */
export function scaleInto(into: Values, spans: readonly Span[], values: Values, factor: number): void {
  for (const [from, to] of spans) for (let i = from; i < to; i++) into[i] = values[i]! * factor;
}

/** values ← 0 on the spans. */
export function clear(values: Values, spans: readonly Span[]): void {
  for (const [from, to] of spans) values.fill(0, from, to);
}
