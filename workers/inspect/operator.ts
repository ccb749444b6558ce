/** @file Questions about a symmetric matrix without a network: so that the eigen-solvers and estimators can be checked alone. */
import { z } from 'zod';
import { sizeOf } from '#core/graph/node.ts';
import { densityFields } from './ask.ts';
import { answerDensity } from './density.ts';
import type { ArrayFiles } from './files.ts';
import { flag, oneOf, strict, whole } from './layerSchema.ts';
import { powerEnds } from './power.ts';
import { InspectRefusal, pathText, refuse, show } from './refusal.ts';
import type { InspectRequest } from './request.ts';
import { answerEnds, type Operator } from './spectrum.ts';
import { readTensor } from './tensors.ts';

const count = z.preprocess((value) => (value === true ? 5 : value === false ? undefined : value), whole(0, 4_000).optional());
// of the operator itself: there is no other matrix to choose
const { of: _, ...densityOfOperator } = densityFields;
const densityAsked = strict(densityOfOperator);
const asked = strict({
  top: count,
  bottom: count,
  trace: z
    .union([flag, strict({ probes: whole(2, 100_000).optional() })], {
      error: ({ input }) => `must be true, false or { probes } with an integer from 2 to 100000, got ${show(input)}`,
    })
    .optional(),
  frobenius: flag.optional(),
  spectrum: flag.optional(),
  matrix: flag.optional(),
  density: z.preprocess((value) => (value === true ? {} : value === false ? undefined : value), densityAsked.optional()),
  probes: whole(2, 100_000).optional(),
  seed: whole(0, 0xffffffff).default(1),
});
type OperatorAsked = z.infer<typeof asked>;
const names = ['top', 'bottom', 'trace', 'frobenius', 'spectrum', 'density', 'matrix'] as const;
const solvers = ['auto', 'dense', 'lanczos', 'power'] as const;

const maxRows = 4_000;
const maxDiagonal = 2_000_000;

/** @throws InspectRefusal */
export async function answerOperator(request: InspectRequest, files: ArrayFiles, started: number): Promise<Record<string, unknown>> {
  const { operator: described } = request;
  const {
    matrix,
    diagonal,
    dense,
    data,
    shape,
    solver,
    type,
    kind = type,
    values = data,
    ...inside
  } = (Array.isArray(described) ? { matrix: described } : (described ?? {})) as Record<string, unknown>;
  // { type: 'diagonal', data } says the same as { diagonal }
  const entries = diagonal ?? (kind === 'diagonal' ? values : undefined);
  const rows = matrix ?? dense ?? (values === undefined ? undefined : { data: values, ...(shape === undefined ? {} : { shape }) });
  if (diagonal !== undefined && (matrix ?? dense) !== undefined) refuse('operator', 'must hold matrix or diagonal, got both');
  const operator = entries === undefined ? denseOperator(rows, files) : diagonalOperator(entries, files);
  const wanted = readQuestions(request.ask, inside);
  const chosen = oneOf(solvers).safeParse(solver ?? request.solver ?? 'auto');
  if (!chosen.success) refuse(solver === undefined ? 'solver' : 'operator.solver', chosen.error.issues[0]!.message);
  const from = performance.now();
  const answer = await answerWith(operator, chosen.data, wanted);
  return {
    ...answer,
    size: operator.size,
    solver: chosen.data,
    precision: 'float64',
    runtime: 'host',
    timings: { openMs: from - started, solveMs: performance.now() - from, totalMs: performance.now() - started },
  };
}

async function answerWith(operator: Operator, solver: (typeof solvers)[number], wanted: OperatorAsked): Promise<Record<string, unknown>> {
  const { density, trace, ...ends } = wanted;
  const probes = typeof trace === 'object' ? trace.probes : wanted.probes;
  const estimated = probes !== undefined || solver === 'lanczos';
  const options = {
    ...ends,
    trace: trace !== undefined && trace !== false,
    probes,
    method: solver === 'dense' ? solver : ('auto' as const),
  };
  const answer: Record<string, unknown> =
    solver === 'power'
      ? {
          ...(await answerEnds(operator, { ...options, top: undefined, bottom: undefined }, 'operator')),
          ...(await powerEnds(operator, ends)),
        }
      : await answerEnds(
          operator,
          { ...options, ...(solver === 'lanczos' || estimated ? { method: 'lanczos' as const } : {}) },
          'operator',
        );
  const { parameters: _, method, ...rest } = answer;
  if (density === undefined) return { ...rest, method: solver === 'power' ? 'power' : method };
  const settings = { ...density, of: 'hessian' as const };
  const given = settings.method === 'auto' && solver === 'lanczos' ? { ...settings, method: 'slq' as const } : settings;
  const { of: __, ...measured } = await answerDensity(operator, given, 'operator.density');
  return { ...rest, method: solver === 'power' ? 'power' : method, density: measured };
}

function readQuestions(ask: unknown, inside: Record<string, unknown>): OperatorAsked {
  const listed: Record<string, unknown> = { ...inside };
  const entries = Array.isArray(ask) ? ask : ask === undefined ? [] : [ask];
  for (const [i, entry] of entries.entries()) {
    if (typeof entry === 'string') listed[entry] = true;
    else if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) Object.assign(listed, entry);
    else refuse(`ask[${i}]`, `must be one of ${names.join(', ')}, got ${show(entry)}`);
  }
  // { eigenvalues | hessian: { top: 3 } } asks for the same as { top: 3 }
  for (const wrapper of ['eigenvalues', 'hessian', 'operator']) {
    if (!(wrapper in listed)) continue;
    const { [wrapper]: options } = listed;
    delete listed[wrapper];
    if (options !== true && (typeof options !== 'object' || options === null || Array.isArray(options)))
      refuse(`ask.${wrapper}`, `must be true or { top, bottom, … }, got ${show(options)}`);
    Object.assign(listed, options === true ? { top: 5, bottom: 5 } : options);
  }
  const parsed = asked.safeParse(listed);
  const field = ask === undefined ? 'operator' : 'ask';
  if (!parsed.success)
    throw new InspectRefusal(parsed.error.issues.map(({ path, message }) => ({ path: pathText([field, ...path]), message })));
  return names.some((name) => parsed.data[name] !== undefined)
    ? parsed.data
    : { ...parsed.data, top: 5, bottom: 5, trace: true, frobenius: true };
}

function diagonalOperator(value: unknown, files: ArrayFiles): Operator {
  const { shape, data } = readTensor(value, 'operator.diagonal', files);
  if (shape.length > 1) refuse('operator.diagonal', `must be a list of numbers, got [${shape}]`);
  if (data.length > maxDiagonal) refuse('operator.diagonal', `must hold at most ${maxDiagonal} values, got ${data.length}`);
  return { size: data.length, noise: 2 ** -52, apply: async (vectors) => vectors.map((v) => v.map((x, i) => x * data[i]!)) };
}

function denseOperator(value: unknown, files: ArrayFiles): Operator {
  if (value === undefined) refuse('operator', 'must hold matrix (rows of numbers) or diagonal, got neither');
  const { shape, data } = readTensor(value, 'operator.matrix', files);
  const n = shape.length === 1 ? Math.sqrt(data.length) : shape[0]!;
  if (!Number.isInteger(n) || n * n !== data.length || shape.length > 2) refuse('operator.matrix', `must be square, got [${shape}]`);
  if (n > maxRows) refuse('operator.matrix', `must have at most ${maxRows} rows, got ${n}`);
  const scale = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(data[i * n + j]! - data[j * n + i]!) > 1e-9 * scale)
        refuse('operator.matrix', `must be symmetric, got ${data[i * n + j]} at [${i}][${j}] and ${data[j * n + i]} at [${j}][${i}]`);
  const apply = async (vectors: readonly Float64Array[]) =>
    vectors.map((v) => {
      const product = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0, at = i * n; j < n; j++, at++) sum += data[at]! * v[j]!;
        product[i] = sum;
      }
      return product;
    });
  const operator: Operator = { size: n, noise: 2 ** -52, apply };
  if (sizeOf([n, n]) === data.length) operator.dense = Promise.resolve(data);
  return operator;
}
