/**
 * @file For the tests: cross-entropy of given logits and shares, its gradient and its Hessian's product with a vector in 1,500 bits behind the point,
 * and how far a result is from them in units of rounding.
 */
import { defaults } from '../catalog.ts';
import { createBuilder, type FloatType } from '../graph/builder.ts';
import { gradient, hessianVector } from '../graph/differentiate.ts';
import type { Node, Values } from '../graph/node.ts';
import { inspectLosses } from '../inspect/losses.ts';
import { rng } from '../rng.ts';
import { losses } from './index.ts';

const bits = 1_500n;
const one = 1n << bits;
const times = (a: bigint, b: bigint): bigint => (a * b) >> bits;
const over = (a: bigint, b: bigint): bigint => (a << bits) / b;
const size = (a: bigint): bigint => (a < 0n ? -a : a);

/** A double, exactly, as long as it is no smaller than 2⁻¹⁴⁰⁰. */
function fixed(x: number): bigint {
  let [mantissa, exponent] = [x, 0];
  while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent + 1];
  return (BigInt(mantissa) << bits) >> BigInt(exponent);
}

function toNumber(a: bigint): number {
  const digits = BigInt(Math.max(0, size(a).toString(2).length - 64));
  return Number(a >> digits) * 2 ** (Number(digits) - 750) * 2 ** (750 - Number(bits));
}

/** exp(-d) for d ≥ 0: the series at d/2⁴⁰, squared forty times. */
function decay(d: bigint): bigint {
  const small = -(d >> 40n);
  let [sum, term] = [one, one];
  for (let n = 1n; term !== 0n && term !== -1n; n++) sum += term = times(term, small) / n;
  for (let k = 0; k < 40; k++) sum = times(sum, sum);
  return sum;
}

/** 2 artanh w = log((1 + w)/(1 - w)). */
function logRatio(w: bigint): bigint {
  const square = times(w, w);
  let [sum, power] = [0n, w];
  for (let n = 1n; power !== 0n; n += 2n, power = times(power, square)) sum += power / n;
  return 2n * sum;
}
const logTwo = logRatio(one / 3n);

function logOnePlus(x: bigint): bigint {
  let [whole, halvings] = [one + x, 0n];
  for (; whole >= 2n * one; halvings++) whole >>= 1n;
  const rest = halvings === 0n ? x : whole - one;
  return logRatio(over(rest, rest + 2n * one)) + halvings * logTwo;
}

interface Digits {
  readonly value: number;
  readonly gradient: readonly number[];
  readonly product: readonly number[];
  /** What each is a sum of, without the signs: beside which its terms are rounded. */
  readonly sizes: { readonly gradient: readonly number[]; readonly product: readonly number[] };
}

/** What logits that stand in several trials were found to give. */
const decays = new WeakMap<readonly number[], readonly bigint[]>();

/** -Σ qₖ log softmax(z)ₖ, its gradient Σⱼ (pᵢ qⱼ - qᵢ pⱼ), and pᵢ Σⱼ pⱼ (vᵢ - vⱼ) Σ q. */
function exactly(z: readonly number[], q: readonly number[], v: readonly number[]): Digits {
  const [logits, shares, moved] = [z.map(fixed), q.map(fixed), v.map(fixed)];
  const top = z.indexOf(Math.max(...z));
  const weights = decays.get(z) ?? logits.map((x) => decay(logits[top]! - x));
  decays.set(z, weights);
  const others = weights.reduce((sum, w, k) => (k === top ? sum : sum + w), 0n);
  const p = weights.map((w) => over(w, one + others));
  const total = (of: readonly bigint[]) => of.reduce((a, b) => a + b, 0n);
  const [mass, log] = [total(shares), logOnePlus(others)];
  const mean = total(p.map((x, k) => times(x, moved[k]!)));
  const exceptOwn = (of: readonly bigint[], k: number) => total(of) - of[k]!;
  const shareOf = p.map(toNumber);
  return {
    value: toNumber(total(shares.map((share, k) => times(share, logits[top]! - logits[k]! + log)))),
    gradient: p.map((x, k) => toNumber(times(x, exceptOwn(shares, k)) - times(shares[k]!, exceptOwn(p, k)))),
    product: p.map((x, k) => toNumber(times(mass, times(x, moved[k]! - mean)))),
    sizes: {
      gradient: p.map((x, k) => toNumber(times(x, exceptOwn(shares, k)) + times(shares[k]!, exceptOwn(p, k)))),
      product: v.map((x, k) => shareOf[k]! * v.reduce((sum, y, j) => sum + shareOf[j]! * Math.abs(x - y), 0)),
    },
  };
}

/** A loss of rows of logits as graphs, what to feed them, and what must come out. */
export interface Trial {
  readonly title: string;
  readonly g: ReturnType<typeof createBuilder>;
  readonly inputs: readonly Node[];
  /** Value of each row [B], gradient [B, K], the Hessian times `v` [B, K]; where the loss is a likelihood, its information times `v`. */
  readonly outputs: readonly Node[];
  readonly feeds: Readonly<Record<string, Values>>;
  readonly wanted: readonly Digits[];
}

interface Rows {
  readonly z: readonly number[][];
  readonly v: readonly number[][];
}
type Of = (g: Trial['g'], z: Node, y: Node) => Node;
type Information = ((g: Trial['g'], z: Node, v: Node) => Node) | undefined;

function trial(title: string, precision: FloatType, { z, v }: Rows, targets: Int32Array | number[][], of: Of, information: Information) {
  const g = createBuilder(precision);
  const shape = [z.length, z[0]!.length];
  const [logits, moved] = [g.input('z', shape), g.input('v', shape)];
  const y = targets instanceof Int32Array ? g.input('y', [z.length], 'int32') : g.input('y', [z.length, targets[0]!.length]);
  const each = of(g, logits, y);
  const loss = g.sum(each);
  return {
    title: `${title}, ${shape[1]} outputs`,
    g,
    inputs: [logits, moved, y],
    outputs: [
      each,
      gradient(g, loss, [logits])[0]!,
      hessianVector(g, loss, [logits], [moved])[0]!,
      ...(information ? [information(g, logits, moved)] : []),
    ],
    feeds: {
      z: Float64Array.from(z.flat()),
      v: Float64Array.from(v.flat()),
      y: targets instanceof Int32Array ? targets : Float64Array.from(targets.flat()),
    },
  };
}

/** Softmax: the top class leads by each of the margins, and is the label, or is not, or shares the lead. */
function softmaxTrials(precision: FloatType, classes: number, margins: readonly number[]): Trial[] {
  const random = rng(classes, 'test');
  const round = precision === 'float32' ? Math.fround : (x: number) => x;
  const draws = () => Array.from({ length: classes }, () => round(random.normal()));
  const drawn = margins.flatMap((margin) =>
    ['own', 'another', 'tie'].map((kind) => {
      const top = random.integer(classes);
      const other = (top + 1 + random.integer(classes - 1)) % classes;
      const z = draws().map((x, k) => round(k === top ? margin + 1 : 1 - 0.3 * Math.abs(x)));
      if (kind === 'tie') z[other] = z[top]!;
      const soft = draws().map((x) => round((Math.abs(x) * 2 ** -Math.min(margin, 60)) / (4 * classes)));
      soft[top] = round(1 - soft.reduce((sum, share, k) => (k === top ? sum : sum + share), 0));
      return { z, v: draws(), soft, label: kind === 'own' ? top : other };
    }),
  );
  const rows = { z: drawn.map(({ z }) => z), v: drawn.map(({ v }) => v) };
  const labels = Int32Array.from(drawn, ({ label }) => label);
  const smooth = (smoothing: number) =>
    drawn.map(({ label }) => rows.z[0]!.map((_, k) => (k === label ? 1 - smoothing : 0) + smoothing / classes));
  const { softmaxCrossEntropy } = losses;
  const ofLabels = (smoothing: number) => ({
    ...trial(
      `softmax cross-entropy, smoothing ${smoothing}`,
      precision,
      rows,
      labels,
      (g, z, y) => softmaxCrossEntropy.each(g, z, y, { ...defaults('loss', 'softmaxCrossEntropy'), smoothing }),
      softmaxCrossEntropy.information,
    ),
    wanted: drawn.map(({ z, v }, b) => exactly(z, smooth(smoothing)[b]!, v)),
  });
  const soft = drawn.map((one) => one.soft);
  return [
    ofLabels(0),
    ...(classes > 100 ? [] : [ofLabels(0.1), ofLabels(1e-6)]),
    {
      ...trial('softmax_ce of shares', precision, rows, soft, inspectLosses.softmax_ce!.each, undefined),
      wanted: drawn.map(({ z, v }, b) => exactly(z, soft[b]!, v)),
    },
  ];
}

/** One output: the two classes of softmax with logits 0 and z. */
function logisticTrials(precision: FloatType, margins: readonly number[]): Trial[] {
  const targets = [0, 1, 0.25, 0.5, 1 - 2 ** -20];
  const points = [...margins, ...margins.map((z) => -z)].map((z) => (precision === 'float32' ? Math.fround(z) : z));
  const pairs = points.flatMap((z) => targets.map((y) => [z, y] as const));
  const rows = { z: pairs.map(([z]) => [z]), v: pairs.map(() => [1.5]) };
  const wanted = pairs.map(([z, y]) => {
    const { value, gradient, product, sizes } = exactly([0, z], [1 - y, y], [0, 1.5]);
    const second = (of: readonly number[]) => [of[1]!];
    return {
      value,
      gradient: second(gradient),
      product: second(product),
      sizes: { gradient: second(sizes.gradient), product: second(sizes.product) },
    };
  });
  const shares = pairs.map(([, y]) => [y]);
  const signs = pairs.map(([, y]) => [2 * y - 1]);
  const { logistic } = losses;
  const coded = (coding: string) => (g: Trial['g'], z: Node, y: Node) =>
    logistic.each(g, z, y, { ...defaults('loss', 'logistic'), coding });
  const { each, information } = inspectLosses.binary_ce_logits!;
  return [
    { ...trial('logistic loss of shares', precision, rows, shares, coded('shares'), logistic.information), wanted },
    { ...trial('logistic loss of signs', precision, rows, signs, coded('signs'), logistic.information), wanted },
    { ...trial('binary_ce_logits', precision, rows, shares, each, information), wanted },
  ];
}

/** Both losses from a tie to where float32 and float64 end. */
export function trials(precision: FloatType): Trial[] {
  const margins = [0, 1e-3, 0.5, 2, 5, 9, 12, 16, 17, 20, 30, 36, 40, 60, 80, ...(precision === 'float64' ? [200, 500, 700] : [])];
  const few = margins.filter((margin) => [5, 17, margins.at(-1)].includes(margin));
  return [
    ...[2, 3, 10].flatMap((classes) => softmaxTrials(precision, classes, margins)),
    ...softmaxTrials(precision, 1_000, few),
    ...logisticTrials(precision, margins),
  ];
}

/** Roundings of logits z apart weigh as much as z of one result; the rest is rounding by itself. */
export const unitsAllowed = { float32: 2 * 80 + 32, float64: 2 * 700 + 32 };

/** For value, gradient and products the largest error, in units of rounding of what each is a sum of. */
export function unitsOff({ outputs, wanted }: Trial, got: readonly Values[], unit: number): number[] {
  return outputs.map((_, i) => {
    const [of, sizes] = [
      wanted.flatMap((row) => (i === 0 ? [row.value] : i === 1 ? row.gradient : row.product)),
      wanted.flatMap((row) => (i === 0 ? [row.value] : i === 1 ? row.sizes.gradient : row.sizes.product)),
    ];
    const units = of.map((value, k) => (got[i]![k] === value ? 0 : Math.abs(got[i]![k]! - value) / (unit * sizes[k]!)));
    return units.some(Number.isNaN) ? NaN : Math.max(...units);
  });
}
