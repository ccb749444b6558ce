/** @file Curvature metrics of the catalog at the given weights, from the exact operators; of what a run trains, frozen parameters left out. */
import { binCount, binned, scaleOf } from '#core/curvature/density.ts';
import { driveAsync } from '#core/curvature/ends.ts';
import { estimate, lanczosQuadrature, type Atom } from '#core/curvature/quadrature.ts';
import { dot } from '#core/curvature/vectors.ts';
import { norm } from '#core/metrics/moments.ts';
import type { Session } from './answer.ts';
import { matrices, type MatrixName } from './ask.ts';
import { roundingOf } from './density.ts';
import { weightLayers } from './plan.ts';
import { refuse } from './refusal.ts';
import { answerEnds, blockOf, denseLimit, denseOf, eigenOf, exactTraceLimit, isBroken, type Operator } from './spectrum.ts';

/** Metrics that name a matrix and what of it: `hessianTop`, `ggnTrace`, `fisherTopResidual`, `ggnBlockTop`; `blockBottom` is the Hessian's. */
const ofMatrix = `(?<matrix>${matrices.join('|')})`;
const named = new RegExp(
  `^(?:${ofMatrix}(?<ofBlocks>Block)?|(?<blocks>block))(?<quantity>Top|Bottom|Trace|Frobenius)(?<error>Residual|Error)?$`,
);
const densities = new RegExp(`^${ofMatrix}Density(?<error>Error)?$`);
/** What a name says, where it says it. */
type Named = { matrix?: MatrixName; ofBlocks?: string; blocks?: string; quantity: string; error?: string };
const ends = 5;
const densityProbes = 16;
const densityRank = 80;

type Answer = number | number[] | number[][] | null;

const others: Readonly<Record<string, (session: Session, name: string) => Promise<Answer>>> = {
  hessianSpectrum: async (session, name) => {
    const operator = trained(session, 'hessian');
    if (operator.size >= denseLimit) refuse('ask', `${name} takes fewer than ${denseLimit} parameters, got ${operator.size}`);
    return [...(await eigenOf(operator)).values];
  },
  hessianNegativeMass: async (session) => (await negativeMass(session)).value,
  hessianNegativeMassError: async (session) => (await negativeMass(session)).error,
  blockNorms,
  blockNormsError: async (session, name) => (await blockNorms(session, name)).map((row) => row.map((value) => 0 * value)), // every column is taken
  gradientSharpness: along,
  updateSharpness: along, // one step of gradient descent goes along the gradient
  scaleFreeSharpness: scaleFree('top'),
  scaleFreeSharpnessResidual: scaleFree('topResiduals'),
};

export const isCurvatureMetric = (name: string): boolean => named.test(name) || densities.test(name) || Object.hasOwn(others, name);

/** NaN where the products are not finite. */
export async function curvatureMetric(session: Session, name: string): Promise<Answer> {
  try {
    const answer = await measured(session, name);
    return answer === undefined ? NaN : answer;
  } catch (error) {
    if (!isBroken(error)) throw error;
    return NaN;
  }
}

async function measured(session: Session, name: string): Promise<Answer | undefined> {
  const own = others[name];
  if (own) return own(session, name);
  const ofDensity = densities.exec(name)?.groups;
  if (ofDensity)
    return (await density(session, ofDensity.matrix as MatrixName)).map(({ value, error }) => (ofDensity.error ? error : value));
  const { matrix = 'hessian', ofBlocks, blocks, quantity, error } = named.exec(name)!.groups as Named;
  const of = quantity.toLowerCase();
  const field = error === 'Residual' ? `${of}Residuals` : error ? `${of}Error` : of;
  const wanted = { [of]: of === 'top' || of === 'bottom' ? ends : true };
  if (!ofBlocks && !blocks) {
    const found = (await endsOf(trained(session, matrix), wanted))[field] as number | number[] | undefined;
    return quantity === 'Bottom' ? [found].flat()[0] : found; // of the top there are several, of the bottom one
  }
  return perLayer(
    session,
    session[matrix],
    async (part) => [(await endsOf(part, wanted))[field] as number | number[] | undefined].flat()[0] ?? NaN,
  );
}

const endsOf = (operator: Operator, wanted: object) => answerEnds(operator, { ...wanted, method: 'auto', seed: 1 }, 'ask');

/** Where a parameter lies in the flat vector. */
const placesOf = ({ subject, offsets }: Session, i: number): number[] =>
  Array.from({ length: subject.parameters[i]!.data.length }, (_, k) => offsets[i]! + k);

const trainedPlaces = (session: Session): Int32Array =>
  Int32Array.from(session.subject.parameters.flatMap((_, i) => (session.subject.frozen[i] ? [] : placesOf(session, i))));

const kept = new WeakMap<Operator, Operator>();

/** The operator without the rows and columns of what is never trained. */
function trained(session: Session, matrix: MatrixName): Operator {
  const operator = session[matrix];
  if (!session.subject.frozen.includes(true)) return operator;
  const known = kept.get(operator) ?? blockOf(operator, trainedPlaces(session));
  kept.set(operator, known);
  return known;
}

/** One number for each layer's block; NaN for layers that are never trained. */
async function perLayer(session: Session, operator: Operator, of: (block: Operator, layer: number) => Promise<number>): Promise<number[]> {
  const { subject } = session;
  if (operator.size < denseLimit) await denseOf(operator);
  const found: number[] = [];
  for (const [layer, { members }] of weightLayers(session).entries()) {
    const places = members.filter((i) => !subject.frozen[i]).flatMap((i) => placesOf(session, i));
    found.push(places.length > 0 ? await of(blockOf(operator, Int32Array.from(places)), layer) : NaN);
  }
  return found;
}

const estimates = new WeakMap<Operator, Promise<Atom[][]>>();

/** Each measure's eigenvalues with their shares; one exact measure where the matrix is small. */
function measures(operator: Operator): Promise<Atom[][]> {
  const { size } = operator;
  const made =
    estimates.get(operator) ??
    (size < denseLimit
      ? eigenOf(operator).then(({ values }) => [Array.from(values, (value) => ({ value, weight: 1 / size }))])
      : driveAsync(
          lanczosQuadrature(size, { probes: densityProbes, rank: densityRank, seed: 1 }),
          async (v) => (await operator.apply([v]))[0]!,
        ));
  estimates.set(operator, made);
  return made;
}

const exactly = (samples: readonly number[]) => (samples.length === 1 ? { value: samples[0]!, error: 0 } : estimate(samples));

async function density(session: Session, matrix: MatrixName) {
  const operator = trained(session, matrix);
  const shares: Float64Array[] = [];
  for (const atoms of await measures(operator)) shares.push(binned(atoms, await roundingOf(operator, atoms.length, scaleOf(atoms))));
  return Array.from({ length: binCount }, (_, bin) => exactly(shares.map((row) => row[bin]!)));
}

async function negativeMass(session: Session) {
  const operator = trained(session, 'hessian');
  const { size } = operator;
  return exactly(
    (await measures(operator)).map((atoms) => size * atoms.reduce((sum, { value, weight }) => sum - weight * Math.min(value, 0), 0)),
  );
}

/** ‖H_kl‖_F for every pair of layers, a column of H at a time. */
async function blockNorms(session: Session, name: string): Promise<number[][]> {
  const { hessian, subject } = session;
  const layers = weightLayers(session);
  if (hessian.size > exactTraceLimit) refuse('ask', `${name} takes at most ${exactTraceLimit} parameters, got ${hessian.size}`);
  const owner = new Int32Array(hessian.size).fill(-1);
  layers.forEach(({ members }, layer) =>
    members.filter((i) => !subject.frozen[i]).forEach((i) => placesOf(session, i).forEach((at) => (owner[at] = layer))),
  );
  const squares = layers.map(() => new Float64Array(layers.length));
  const part = 128;
  for (let from = 0; from < hessian.size; from += part) {
    const units = Array.from({ length: Math.min(part, hessian.size - from) }, (_, i) => {
      const unit = new Float64Array(hessian.size);
      unit[from + i] = 1;
      return unit;
    });
    (await hessian.apply(units)).forEach((column, i) => {
      const l = owner[from + i]!;
      if (l >= 0) column.forEach((value, at) => owner[at]! >= 0 && (squares[owner[at]!]![l]! += value * value));
    });
  }
  return squares.map((row) => Array.from(row, Math.sqrt));
}

/** gᵀHg/‖g‖². */
async function along(session: Session): Promise<number> {
  const operator = trained(session, 'hessian');
  const { gradient } = await session.value();
  const own = operator === session.hessian ? gradient : Float64Array.from(trainedPlaces(session), (at) => gradient[at]!);
  const length = norm(own);
  const unit = own.map((value) => value / length);
  return dot(unit, (await operator.apply([unit]))[0]!);
}

/** λ_max of the kernel's own block times ‖W‖², or its residual; NaN for layers that may not be rescaled. */
function scaleFree(field: 'top' | 'topResiduals') {
  return async (session: Session): Promise<number[] | null> => {
    const { subject, hessian } = session;
    if (subject.kinds.every(({ scaleInvariant }) => scaleInvariant === false)) return null;
    const found: number[] = [];
    for (const [layer, { kernel }] of weightLayers(session).entries()) {
      const scaled = subject.kinds[layer]!.scaleInvariant !== false && !subject.frozen[kernel];
      const block = scaled ? blockOf(hessian, Int32Array.from(placesOf(session, kernel))) : null;
      const first = block && ((await endsOf(block, { top: 1 }))[field] as number[] | undefined)?.[0];
      found.push((first ?? NaN) * norm(subject.parameters[kernel]!.data) ** 2);
    }
    return found;
  };
}
