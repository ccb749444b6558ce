/** @file What is asked of one symmetric operator: ends, trace, norm, spectrum; exact from the matrix where it is small. */
import { driveAsync, spectrumEnds, type EndPair, type Products } from '#core/curvature/ends.ts';
import { hutchinson } from '#core/curvature/quadrature.ts';
import { symmetricEigen, type SymmetricEigen } from '#core/curvature/symmetric.ts';
import { norm } from '#core/metrics/moments.ts';
import { takeTriangle } from '../vectors/triangle.ts';
import type { EndsAsked } from './ask.ts';
import { refuse } from './refusal.ts';

/** Below this many parameters the matrix itself is formed. */
export const denseLimit = 2_000;
/** Above it, trace and norm are still exact up to here (a product for each parameter), and estimated from probes beyond. */
export const exactTraceLimit = 8_000;
const defaultProbes = 100;
/** Lanczos products spent on both ends, at most; the residuals tell where that was not enough. */
const endProducts = 6_000;
/**
 * Up to here the matrix is formed and solved after all where Lanczos is not done after so many products. The bottom of a ReLU layer's block is
 * a crowd around 0: 2,080 parameters took 6,000 products and 20 s, and take 2; where ends stand apart, some 250 products take 0.3.
 */
const [formedLimit, patience] = [4_000, 500];
/** Values of vectors that are written out at once. */
const spreadValues = 4_000_000;

/** Products with a symmetric matrix, several at once. */
export interface Operator {
  readonly size: number;
  apply(vectors: readonly Float64Array[]): Promise<Float64Array[]>;
  /** Relative error of a product: 2⁻⁵² or 2⁻²³. */
  readonly noise: number;
  /** The same products in float64, where `apply` makes them in float32. */
  sure?(vectors: readonly Float64Array[]): Promise<Float64Array[]>;
  /** [n, n] once formed. */
  dense?: Promise<Float64Array>;
  eigen?: SymmetricEigen;
}

export async function denseOf(operator: Operator): Promise<Float64Array> {
  operator.dense ??= (async () => {
    const { size } = operator;
    const matrix = new Float64Array(size * size);
    const units = 512;
    for (let from = 0; from < size; from += units) {
      const columns = Array.from({ length: Math.min(units, size - from) }, (_, i) => {
        const unit = new Float64Array(size);
        unit[from + i] = 1;
        return unit;
      });
      (await operator.apply(columns)).forEach((column, i) => matrix.set(column, (from + i) * size));
    }
    return matrix;
  })();
  return operator.dense;
}

export async function eigenOf(operator: Operator): Promise<SymmetricEigen> {
  const matrix = await denseOf(operator);
  operator.eigen ??= symmetricEigen(matrix, operator.size, takeTriangle);
  return operator.eigen;
}

/** A diagonal block of an operator: vectors are zero elsewhere. */
export function blockOf(operator: Operator, indices: Int32Array): Operator {
  const { size, sure } = operator;
  const some = Math.max(1, Math.floor(spreadValues / size));
  const inBlock = (apply: Operator['apply']) => async (vectors: readonly Float64Array[]) => {
    const found: Float64Array[] = [];
    for (let from = 0; from < vectors.length; from += some) {
      const spread = vectors.slice(from, from + some).map((vector) => {
        const whole = new Float64Array(size);
        for (let i = 0; i < indices.length; i++) whole[indices[i]!] = vector[i]!;
        return whole;
      });
      for (const whole of await apply(spread)) {
        const own = new Float64Array(indices.length);
        for (let i = 0; i < indices.length; i++) own[i] = whole[indices[i]!]!;
        found.push(own);
      }
    }
    return found;
  };
  const block: Operator = {
    size: indices.length,
    noise: operator.noise,
    apply: inBlock((vectors) => operator.apply(vectors)),
    ...(sure ? { sure: inBlock(sure) } : {}),
  };
  if (operator.dense)
    block.dense = operator.dense.then((matrix) => {
      const part = new Float64Array(indices.length ** 2);
      indices.forEach((row, i) => indices.forEach((column, j) => (part[i * indices.length + j] = matrix[row * size + column]!)));
      return part;
    });
  return block;
}

/** The answers to `ends`; `path` is where they were asked. */
export async function answerEnds(operator: Operator, asked: EndsAsked, path: string): Promise<Record<string, unknown>> {
  const { size } = operator;
  const small = size < denseLimit;
  for (const field of ['spectrum', 'matrix'] as const)
    if (asked[field] && !small) refuse(`${path}.${field}`, `takes fewer than ${denseLimit} parameters, got ${size}`);
  const dense = small && asked.method !== 'lanczos';
  if (asked.method === 'dense' && !small)
    refuse(
      `${path}.method`,
      `dense takes fewer than ${denseLimit} parameters, got ${size}; choose ${size <= formedLimit ? 'auto' : 'lanczos'}`,
    );
  const answer: Record<string, unknown> = { parameters: size };
  try {
    if (dense) await fromMatrix(operator, asked, answer);
    else await fromProducts(operator, asked, answer, path);
    if (asked.spectrum) answer.spectrum = [...(await eigenOf(operator)).values];
    if (asked.matrix) answer.matrix = { shape: [size, size], data: [...(await denseOf(operator))] };
  } catch (error) {
    if (!isBroken(error)) throw error;
    return { parameters: size, error: brokenText(error) };
  }
  return answer;
}

/** True for the fault of numbers that are not finite, which says something about the weights, not about the question. */
export const isBroken = (error: unknown): error is RangeError => error instanceof RangeError && /finite/.test(error.message);
export const brokenText = ({ message }: RangeError) => `not to be had: the products hold numbers that are not finite (${message})`;

/**
 * How far an eigenvalue may be from each of these, by one more product with each vector: what rounds otherwise there than it did in the
 * matrix tells how far products can be trusted. Of products in float32 by products in float64.
 */
async function residualsOf(
  { noise, apply, sure = apply }: Operator,
  pairs: readonly Pick<EndPair, 'value' | 'vector'>[],
  scale: number,
): Promise<number[]> {
  const images = await sure(pairs.map(({ vector }) => vector));
  return pairs.map(({ value, vector }, i) => {
    const size = norm(vector);
    // the sums behind the residual round as well
    return norm(images[i]!.map((x, k) => (x - value * vector[k]!) / size)) + 4 * noise * scale;
  });
}

async function fromMatrix(operator: Operator, asked: EndsAsked, answer: Record<string, unknown>): Promise<void> {
  const { size } = operator;
  const matrix = await denseOf(operator);
  answer.method = 'dense';
  if (asked.top !== undefined || asked.bottom !== undefined) {
    const eigen = await eigenOf(operator);
    const scale = Math.max(Math.abs(eigen.values[0] ?? 0), Math.abs(eigen.values.at(-1) ?? 0));
    const take = async (indices: number[], name: string) => {
      const pairs = indices.map((i) => ({ value: eigen.values[i]!, vector: Float64Array.from(eigen.vector(i)) }));
      answer[name] = pairs.map(({ value }) => value);
      answer[`${name}Residuals`] = await residualsOf(operator, pairs, scale);
    };
    if (asked.top !== undefined)
      await take(
        Array.from({ length: Math.min(asked.top, size) }, (_, i) => i),
        'top',
      );
    if (asked.bottom !== undefined)
      await take(
        Array.from({ length: Math.min(asked.bottom, size) }, (_, i) => size - 1 - i),
        'bottom',
      );
  }
  if (asked.trace) {
    let trace = 0;
    for (let i = 0; i < size; i++) trace += matrix[i * size + i]!;
    Object.assign(answer, { trace, traceError: 0 });
  }
  if (asked.frobenius) Object.assign(answer, { frobenius: norm(matrix), frobeniusError: 0 });
}

async function fromProducts(operator: Operator, asked: EndsAsked, answer: Record<string, unknown>, path: string): Promise<void> {
  const { size, noise } = operator;
  const run = <T>(products: Products<T>) => driveAsync(products, async (v) => (await operator.apply([v]))[0]!);
  const formable = size <= formedLimit && asked.method !== 'lanczos' && asked.probes === undefined;
  answer.method = 'lanczos';
  if (asked.top !== undefined || asked.bottom !== undefined) {
    if (Math.max(asked.top ?? 0, asked.bottom ?? 0) > 100)
      refuse(`${path}.${(asked.top ?? 0) > 100 ? 'top' : 'bottom'}`, 'must be at most 100 without the matrix');
    const found = await run(
      spectrumEnds({
        size,
        top: asked.top ?? 0,
        bottom: asked.bottom ?? 0,
        tolerance: Math.max(1e-10, 20 * noise),
        products: formable ? patience : endProducts,
        seed: asked.seed,
      }),
    );
    if (formable && found.products >= patience) return fromMatrix(operator, asked, answer);
    const scale = [...found.top, ...found.bottom].reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
    for (const name of ['top', 'bottom'] as const)
      if (asked[name] !== undefined) {
        answer[name] = found[name].map(({ value }) => value);
        answer[`${name}Residuals`] = await residualsOf(operator, found[name], scale);
      }
    answer.products = found.products;
  }
  if (!asked.trace && !asked.frobenius) return;
  if (asked.probes === undefined && size <= exactTraceLimit) {
    const { trace, frobenius } = await exactSums(operator);
    if (asked.trace) Object.assign(answer, { trace, traceError: 0 });
    if (asked.frobenius) Object.assign(answer, { frobenius, frobeniusError: 0 });
    return;
  }
  const probes = asked.probes ?? defaultProbes;
  const { trace, frobenius } = await run(hutchinson(size, { probes, seed: asked.seed }));
  answer.probes = probes;
  if (asked.trace) Object.assign(answer, { trace: trace.value, traceError: trace.error });
  if (asked.frobenius) Object.assign(answer, { frobenius: frobenius.value, frobeniusError: frobenius.error });
}

/** Trace and Frobenius norm, a column at a time, without keeping the matrix. */
async function exactSums(operator: Operator): Promise<{ trace: number; frobenius: number }> {
  let trace = 0;
  const norms = new Float64Array(operator.size);
  for (let from = 0; from < operator.size; from += 128) {
    const units = Array.from({ length: Math.min(128, operator.size - from) }, (_, i) => {
      const unit = new Float64Array(operator.size);
      unit[from + i] = 1;
      return unit;
    });
    (await operator.apply(units)).forEach((column, i) => {
      trace += column[from + i]!;
      norms[from + i] = norm(column);
    });
  }
  return { trace, frobenius: norm(norms) };
}
