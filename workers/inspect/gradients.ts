/** @file What gradients of single outputs and single examples tell: the Gram (tangent kernel) matrix and the noise of the gradient. */
import { symmetricEigen } from '#core/curvature/symmetric.ts';
import { sizeOf } from '#core/graph/node.ts';
import { pullbackProgram } from '#core/inspect/objective.ts';
import { dot } from '#core/curvature/vectors.ts';
import { takeTriangle } from '../vectors/triangle.ts';
import type { Session } from './answer.ts';
import type { Asked } from './ask.ts';
import { refuse } from './refusal.ts';

/** Rows of the Jacobian kept at once: 512 MB. */
const maxJacobian = 64_000_000;
const maxRows = 4_000;

const unit = (length: number, at: number): Float64Array => {
  const vector = new Float64Array(length);
  vector[at] = 1;
  return vector;
};

/** G = J Jᵀ: inner products of the gradients of every output of every example (index b·K + k), or of every example's loss. */
export async function answerGram(session: Session, asked: NonNullable<Asked['gram']>, path: string): Promise<Record<string, unknown>> {
  const { objective, machine, size } = session;
  const of = asked.of === 'outputs' ? ('outputs' as const) : ('each' as const);
  const rows = sizeOf(objective[of].shape);
  if (rows > maxRows || rows * size > maxJacobian)
    refuse(
      path,
      `takes at most ${maxRows} rows and ${maxJacobian} values of the Jacobian, got ${rows} rows of ${size}; give fewer examples`,
    );
  const jacobian = await machine.products(
    pullbackProgram(objective, of),
    'seed',
    Array.from({ length: rows }, (_, i) => unit(rows, i)),
  );
  const matrix = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j <= i; j++) matrix[i * rows + j] = matrix[j * rows + i] = dot(jacobian[i]!, jacobian[j]!);
  const diagonal = Float64Array.from({ length: rows }, (_, i) => matrix[i * rows + i]!);
  const eigen = matrix.every(Number.isFinite) ? symmetricEigen(matrix, rows, takeTriangle) : null;
  return {
    of: asked.of,
    rows,
    trace: diagonal.reduce((sum, value) => sum + value, 0),
    top: eigen ? eigen.values[0]! : NaN,
    bottom: eigen ? eigen.values.at(-1)! : NaN,
    ...(asked.spectrum ? { spectrum: eigen ? [...eigen.values] : [] } : {}),
    ...(asked.matrix ? { matrix: { shape: [rows, rows], data: [...matrix] } } : {}),
  };
}

/** Gradients gᵢ of the examples' losses around their mean g, the gradient. */
export async function answerPerSample(session: Session, gradients: boolean, path: string): Promise<Record<string, unknown>> {
  const { objective, machine, size } = session;
  const batch = objective.each.shape[0]!;
  if (gradients && batch * size > maxJacobian) refuse(`${path}.gradients`, `takes at most ${maxJacobian} values, got ${batch * size}`);
  const program = pullbackProgram(objective, 'each');
  const { gradient } = await session.value();
  const [norms, kept]: [number[], number[]] = [[], []];
  let spread = 0;
  const part = 64;
  for (let from = 0; from < batch; from += part) {
    const units = Array.from({ length: Math.min(part, batch - from) }, (_, i) => unit(batch, from + i));
    for (const each of await machine.products(program, 'seed', units)) {
      norms.push(Math.sqrt(dot(each, each)));
      if (gradients) for (const value of each) kept.push(value);
      for (let i = 0; i < size; i++) spread += (each[i]! - gradient[i]!) ** 2;
    }
  }
  const square = dot(gradient, gradient);
  const covarianceTrace = batch > 1 ? spread / (batch - 1) : NaN;
  return {
    gradientNorms: norms,
    gradientSquaredNorm: square,
    covarianceTrace,
    covarianceTraceBiased: spread / batch,
    noiseScale: covarianceTrace / square,
    signalToNoise: square / covarianceTrace,
    ...(gradients ? { gradients: { shape: [batch, size], data: kept } } : {}),
  };
}
