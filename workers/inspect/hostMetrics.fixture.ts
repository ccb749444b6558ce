/** @file The metrics of a probe batch and of its kernels on lists of layers, by loops over samples on dual numbers: no graph, no backward pass. */
import { jacobiSingularValues } from '#core/curvature/jacobi.fixture.ts';
import { average, cosine, middle, pairs } from '#core/programs/samples.fixture.ts';
import { dot, norm } from '#core/programs/steps.fixture.ts';
import { activations, dual, lossesOf, outputsOf, type Dual, type Grid, type Watch } from './oracle.fixture.ts';

type Json = Readonly<Record<string, unknown>> & { readonly type: string };
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
export interface Case {
  readonly layers: readonly Json[];
  readonly params: readonly (readonly number[])[];
  readonly inputs: Tensor;
  readonly targets: readonly number[];
  readonly outputs: number;
  readonly loss: string;
  /** Layers behind which the residual stream is read: where it begins (-1: at the inputs), and for each kernel (-1: nowhere). */
  readonly stream?: { readonly start: number; readonly behind: readonly number[] };
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const grid = ({ shape, data }: Tensor): Grid => ({ shape, values: data.map((value) => dual(value)) });
const plain = ({ values }: Grid): number[] => values.map(([value]) => value);
const slope = ({ values }: Grid): number[] => values.map(([, a]) => a);
/** The same with derivative 1 at one place. */
const nudged = (of: Grid, at: number): Grid => ({
  shape: of.shape,
  values: of.values.map((value, i): Dual => (i === at ? [value[0], value[1] + 1, value[2], value[3]] : value)),
});
const sample = ({ shape, data }: Tensor, b: number): Tensor => {
  const size = sizeOf(shape.slice(1));
  return { shape: [1, ...shape.slice(1)], data: data.slice(b * size, (b + 1) * size) };
};

/** Which parameters belong to which kernel's layer. */
function layersOf({ layers }: Case) {
  const found: { at: number; last: number; members: number[]; kernel: number; bias: number }[] = [];
  let next = 0;
  layers.forEach(({ type, bias, affine }, at) => {
    if (type === 'dense' || type === 'conv2d') {
      found.push({ at, last: at, members: [next], kernel: next++, bias: bias === false ? -1 : next });
      if (bias !== false) found.at(-1)!.members.push(next++);
    } else if (['batchnorm', 'layernorm', 'activation', 'add'].includes(type)) found.at(-1)!.last = at;
    if (affine) next += 2;
  });
  return found;
}

/** What a kernel multiplies at each of its places. */
function patches({ layers }: Case, at: number, x: Grid, kernel: readonly number[]): number[][] {
  const layer = layers[at]!;
  const width = x.shape.at(-1)!;
  if (layer.type === 'dense') return Array.from({ length: x.values.length / width }, (_, r) => plain(x).slice(r * width, (r + 1) * width));
  const [, h, w] = x.shape as [number, number, number];
  const [kh, kw] = kernel as [number, number];
  const stride = [layer.stride ?? 1].flat() as number[];
  const along = (length: number, size: number, step: number) => {
    const count = layer.padding === 'same' ? Math.ceil(length / step) : Math.floor((length - size) / step) + 1;
    return Array.from(
      { length: count },
      (_, i) => i * step - (layer.padding === 'same' ? Math.floor(((count - 1) * step + size - length) / 2) : 0),
    );
  };
  const pixel = (r: number, c: number, n: number) => (r < 0 || c < 0 || r >= h || c >= w ? 0 : x.values[(r * w + c) * width + n]![0]);
  return along(h, kh, stride[0]!).flatMap((top) =>
    along(w, kw, stride.at(-1)!).map((left) =>
      Array.from({ length: kh * kw * width }, (_, i) =>
        pixel(top + Math.floor(i / (kw * width)), left + (Math.floor(i / width) % kw), i % width),
      ),
    ),
  );
}

/** One sample alone, at weights; batch normalization has the statistics of the whole batch. */
function facts(of: Case, weights: readonly Tensor[]) {
  const grids = weights.map(grid);
  const statistics: NonNullable<Watch['statistics']> = new Map();
  outputsOf(of.layers, grid(of.inputs), grids, { statistics });
  const layers = layersOf(of);
  const batch = of.inputs.shape[0]!;
  const samples = Array.from({ length: batch }, (_, b) => {
    const own = grid(sample(of.inputs, b));
    const perSample = of.targets.length / batch;
    const targets = of.targets.slice(b * perSample, (b + 1) * perSample);
    const run = (parameters: readonly Grid[], watch: Watch = {}) => {
      const outputs = outputsOf(of.layers, own, parameters, { ...watch, statistics });
      return { outputs, loss: lossesOf(of.loss, outputs, targets)[0]! };
    };
    const [inputs, before, args, after] = [
      new Map<number, Grid>(),
      new Map<number, Grid>(),
      new Map<number, Grid>(),
      new Map<number, Grid>(),
    ];
    run(grids, {
      entered: (at, x) => void inputs.set(at, x),
      kernel: (at, h) => (before.set(at, h), h),
      argument: (at, h) => void args.set(at, h),
      left: (at, x) => void after.set(at, x),
    });
    const byParameter = weights.map(({ data }, p) => data.map((_, i) => run(grids.map((one, q) => (q === p ? nudged(one, i) : one)))));
    return layers.map(({ at, last, members, kernel }, l) => {
      const state = of.stream?.behind[l] ?? -1;
      const pre = before.get(at)!;
      const name = (of.layers[last]!.activation ?? of.layers[last]!.fn) as string | undefined;
      return {
        input: patches(of, at, inputs.get(at)!, weights[kernel]!.shape),
        preActivation: plain(pre),
        activation: plain(after.get(last)!),
        start: of.stream && plain(of.stream.start < 0 ? own : after.get(of.stream.start)!),
        stream: state < 0 ? null : plain(after.get(state)!),
        streamDelta:
          state < 0
            ? null
            : after.get(state)!.values.map((_, i) => run(grids, { left: (layer, h) => (layer === state ? nudged(h, i) : h) }).loss[1]),
        slopes: name === undefined ? null : plain(args.get(last)!).map((value) => activations[name]!(dual(value, 1))[1]),
        delta: pre.values.map((_, i) => run(grids, { kernel: (layer, h) => (layer === at ? nudged(h, i) : h) }).loss[1]),
        gradient: members.flatMap((p) => byParameter[p]!.map(({ loss }) => loss[1])),
        kernelGradient: byParameter[kernel]!.map(({ loss }) => loss[1]),
        jacobian: Array.from({ length: of.outputs }, (_, k) =>
          members.flatMap((p) => byParameter[p]!.map(({ outputs }) => slope(outputs)[k]!)),
        ),
      };
    });
  });
  return layers.map((_, l) => samples.map((one) => one[l]!));
}

/** Eigenvalues below this share of the largest are rounding. */
const singular = 1e-12;

const eigenvalues = (matrix: readonly number[]) => {
  const n = Math.sqrt(matrix.length);
  const values = jacobiSingularValues({ rows: n, columns: n, values: Float64Array.from(matrix) });
  return values.map((value) => (value < singular * values[0]! ? 0 : value));
};
const difference = (a: readonly number[], b: readonly number[]) => norm(a.map((value, i) => value - b[i]!)) / norm(b);
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** What every metric of samples and kernels must be; NaN where it must be that. */
export function expectedOf(of: Case, now: readonly Tensor[], initial: readonly Tensor[]): Record<string, number[]> {
  const layers = facts(of, now);
  const start = facts(of, initial);
  const own = layersOf(of);
  const n = of.inputs.shape[0]!;
  const rms = (x: readonly number[]) => norm(x) / Math.sqrt(x.length);
  const each = (per: (samples: (typeof layers)[number], l: number) => number) => layers.map(per);
  const noise = layers.map((samples) => {
    const mean = samples[0]!.gradient.map((_, i) => average(samples.map(({ gradient }) => gradient[i]!)));
    const centred = samples.map(({ gradient }) => gradient.map((value, i) => value - mean[i]!));
    const others = samples.flatMap((a, i) => samples.flatMap((b, j) => (i === j ? [] : [dot(a.gradient, b.gradient)])));
    return { square: average(others), centred, trace: total(centred.map((g) => dot(g, g))) / (n - 1) };
  });
  const columns = (l: number) => now[own[l]!.kernel]!.shape.at(-1)!;
  const image = (x: readonly number[], kernel: readonly number[], width: number) =>
    Array.from({ length: width }, (_, j) => total(x.map((value, i) => value * kernel[i * width + j]!)));
  const size = (l: number, kernel: readonly number[]) =>
    average(layers[l]!.flatMap(({ input }) => input.flatMap((x) => image(x, kernel, columns(l)).map(Math.abs))));
  const deltas = layers.map((samples) => norm(samples.flatMap(({ delta }) => delta)));
  const streams = layers.map((samples) => norm(samples.flatMap(({ streamDelta }) => streamDelta ?? [NaN])));
  const spans = layers.map((samples, l) => {
    const rows = samples.flatMap(({ input }) => input);
    const centred = of.layers[own[l]!.at + 1]?.type === 'batchnorm';
    const mean = rows[0]!.map((_, i) => (centred ? average(rows.map((x) => x[i]!)) : 0));
    const basis: number[][] = [];
    let rest = [...now[own[l]!.kernel]!.data];
    for (const row of rows) {
      let left = row.map((value, i) => value - mean[i]!);
      for (let pass = 0; pass < 2; pass++) for (const q of basis) left = left.map((value, i) => value - dot(left, q) * q[i]!);
      if (!(norm(left) > 1e-9 * norm(row))) continue; // also a row of zeros
      const q = left.map((value) => value / norm(left));
      basis.push(q);
      const along = image(q, rest, columns(l));
      rest = rest.map((value, i) => value - q[Math.floor(i / columns(l))]! * along[i % columns(l)]!);
    }
    return { rank: basis.length, noise: norm(rest) };
  });
  const gramOf = (samples: (typeof layers)[number]) =>
    samples.flatMap((a) => samples.map((b) => total(a.jacobian.map((row, k) => dot(row, b.jacobian[k]!)))));
  const sum = (of: typeof layers) => of.map(gramOf).reduce((all, part) => all.map((value, i) => value + part[i]!));
  const features = (samples: (typeof layers)[number]) =>
    samples.flatMap((a) => samples.map((b) => dot(a.activation, b.activation) / a.activation.length));
  const gram = sum(layers);
  const spectrum = eigenvalues(gram);
  const targets = Array.from({ length: n }, (_, b) =>
    Array.from({ length: of.outputs }, (_, k) =>
      of.loss === 'softmax_ce' ? Number(of.targets[b] === k) : of.targets[b * of.outputs + k]!,
    ),
  );
  const y = targets.map((target) => target.map((value, k) => value - average(targets.map((other) => other[k]!))));
  const along = total(y.flatMap((a, b) => y.map((other, c) => dot(a, other) * gram[b * n + c]!)));
  return {
    activationMedian: each((samples) => middle(samples.map(({ activation }) => rms(activation)))),
    activationGrowth: each((samples) =>
      average(samples.map(({ activation }, b) => 2 * Math.log(rms(activation) / rms(sample(of.inputs, b).data)))),
    ),
    activationRank: each((samples) => {
      const values = eigenvalues(samples.flatMap((a) => samples.map((b) => dot(a.activation, b.activation))));
      return total(values) ** 2 / dot(values, values);
    }),
    argmaxDiversity: each((samples) => new Set(samples.map(({ activation }) => activation.indexOf(Math.max(...activation)))).size),
    deltaNorm: deltas.map((delta) => delta / Math.sqrt(n)),
    deltaRatio: deltas.map((delta) => delta / deltas.at(-1)!),
    displacement: each((samples) => average(samples.map(({ stream, start }) => (stream ? difference(stream, start!) : NaN)))),
    streamGradientRatio: streams.map((size) => size / streams.findLast((known) => !Number.isNaN(known))!),
    featureSpanRank: spans.map(({ rank }) => rank),
    weightNoiseNorm: spans.map(({ noise: left }) => left),
    weightNoiseFraction: spans.map(({ noise: left }, l) => (left / norm(now[own[l]!.kernel]!.data)) ** 2),
    gradNoiseScale: [total(noise.map(({ trace }) => trace)) / Math.max(0, total(noise.map(({ square }) => square)))],
    gradSignalToNoise: noise.map(({ square, trace }) => Math.max(0, square) / trace),
    gradVariance: noise.map(({ trace }) => trace),
    gradTailIndex: noise.map(({ centred }) => {
      const sums = [0, 2, ...(n > 5 ? [4] : [])].map((k) => centred[k]!.map((value, i) => value + centred[k + 1]![i]!));
      const ones = centred.slice(0, 2 * sums.length);
      return Math.log(2) / (average(sums.map((x) => Math.log(norm(x)))) - average(ones.map((x) => Math.log(norm(x)))));
    }),
    sampleGradNorm: each((samples) => average(samples.map(({ gradient }) => norm(gradient)))),
    largestGradient: each((samples) =>
      Math.max(...samples[0]!.kernelGradient.map((_, i) => Math.abs(average(samples.map(({ kernelGradient }) => kernelGradient[i]!))))),
    ),
    initialContribution: each((_, l) => size(l, initial[own[l]!.kernel]!.data)),
    updateContribution: each((_, l) =>
      size(
        l,
        now[own[l]!.kernel]!.data.map((value, i) => value - initial[own[l]!.kernel]!.data[i]!),
      ),
    ),
    preActivationMean: each((samples) => average(samples.flatMap(({ preActivation }) => preActivation))),
    preActivationDeviation: each((samples) => {
      const all = samples.flatMap(({ preActivation }) => preActivation);
      return Math.sqrt(average(all.map((h) => (h - average(all)) ** 2)));
    }),
    sampleCorrelation: each((samples) => average(pairs(samples).map(([a, b]) => cosine(a.activation, b.activation)))),
    sampleVarianceFraction: each((samples) => {
      const units = samples[0]!.preActivation.map((_, j) => samples.map(({ preActivation }) => preActivation[j]!));
      return average(units.flatMap((unit) => unit.map((h) => (h - average(unit)) ** 2))) / average(units.flat().map((h) => h * h));
    }),
    saturatedFraction: each((samples) =>
      samples[0]!.slopes ? average(samples.flatMap(({ slopes }) => slopes!.map((value) => Number(Math.abs(value) < 0.01)))) : NaN,
    ),
    unitCorrelation: each((samples, l) => {
      const width = columns(l);
      const units = Array.from({ length: width }, (_, j) =>
        samples.flatMap(({ activation }) => activation.filter((_, i) => i % width === j)),
      );
      const centred = units.map((unit) => unit.map((x) => x - average(unit))).filter((unit) => norm(unit) > 1e-9);
      return centred.length > 1 ? average(pairs(centred).map(([a, b]) => Math.abs(cosine(a, b)))) : NaN;
    }),
    gramEigenvalues: spectrum,
    gramLargest: [spectrum[0]!],
    gramSmallest: [spectrum.at(-1)!],
    gramCondition: [spectrum.at(-1)! < singular * spectrum[0]! ? Infinity : spectrum[0]! / spectrum.at(-1)!],
    gramTrace: [total(spectrum)],
    gramRank: [total(spectrum) ** 2 / dot(spectrum, spectrum)],
    gramAlignment: [along / (norm(y.flat()) ** 2 * norm(gram))],
    gramDrift: [difference(gram, sum(start))],
    layerGramLargest: each((samples) => eigenvalues(gramOf(samples))[0]!),
    layerGramSmallest: each((samples) => eigenvalues(gramOf(samples)).at(-1)!),
    featureKernelLargest: each((samples) => eigenvalues(features(samples))[0]!),
    featureKernelSmallest: each((samples) => eigenvalues(features(samples)).at(-1)!),
    featureKernelDrift: each((samples, l) => difference(features(samples), features(start[l]!))),
  };
}
