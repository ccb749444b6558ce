/**
 * @file The slow oracle of inspect: networks as loops over single numbers, on hyper-dual numbers, so that first and second derivatives
 * are exact and owe nothing to the graph. Source: Fike and Alonso 2011.
 */

/** f + a ε₁ + b ε₂ + c ε₁ε₂ with ε₁² = ε₂² = 0. */
export type Dual = readonly [f: number, a: number, b: number, c: number];
export const dual = (f: number, a = 0, b = 0): Dual => [f, a, b, 0];

const add = (x: Dual, y: Dual): Dual => [x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]];
const scale = (x: Dual, s: number): Dual => [x[0] * s, x[1] * s, x[2] * s, x[3] * s];
const sub = (x: Dual, y: Dual): Dual => add(x, scale(y, -1));
const mul = (x: Dual, y: Dual): Dual => [
  x[0] * y[0],
  x[0] * y[1] + x[1] * y[0],
  x[0] * y[2] + x[2] * y[0],
  x[0] * y[3] + x[1] * y[2] + x[2] * y[1] + x[3] * y[0],
];
/** A function by its value and two derivatives at x. */
const through = (x: Dual, f: number, d: number, dd: number): Dual => [f, d * x[1], d * x[2], d * x[3] + dd * x[1] * x[2]];
const exp = (x: Dual): Dual => through(x, Math.exp(x[0]), Math.exp(x[0]), Math.exp(x[0]));
const log = (x: Dual): Dual => through(x, Math.log(x[0]), 1 / x[0], -1 / x[0] ** 2);
const power = (x: Dual, p: number): Dual => through(x, x[0] ** p, p * x[0] ** (p - 1), p * (p - 1) * x[0] ** (p - 2));
const sum = (list: readonly Dual[]): Dual => list.reduce(add, dual(0));
const mean = (list: readonly Dual[]): Dual => scale(sum(list), 1 / list.length);

export const activations: Readonly<Record<string, (x: Dual) => Dual>> = {
  linear: (x) => x,
  relu: (x) => (x[0] > 0 ? x : dual(0)),
  tanh(x) {
    const t = Math.tanh(x[0]);
    return through(x, t, 1 - t * t, -2 * t * (1 - t * t));
  },
  sigmoid(x) {
    const s = 1 / (1 + Math.exp(-x[0]));
    return through(x, s, s * (1 - s), s * (1 - s) * (1 - 2 * s));
  },
  square: (x) => mul(x, x),
  sine: (x) => through(x, Math.sin(x[0]), Math.cos(x[0]), -Math.sin(x[0])),
  softplus: (x) => log(add(exp(x), dual(1))),
};

/** Values with a shape, row-major. */
export interface Grid {
  readonly shape: readonly number[];
  readonly values: readonly Dual[];
}
type LayerJson = Readonly<Record<string, unknown>> & { readonly type: string };

const at = ({ shape, values }: Grid, ...index: number[]): Dual => values[index.reduce((place, i, axis) => place * shape[axis]! + i, 0)]!;
const make = (shape: readonly number[], of: (...index: number[]) => Dual): Grid => {
  const values: Dual[] = [];
  const walk = (index: number[]): void => {
    if (index.length === shape.length) return void values.push(of(...index));
    for (let i = 0; i < shape[index.length]!; i++) walk([...index, i]);
  };
  walk([]);
  return { shape, values };
};

function convolution(x: Grid, k: Grid, bias: Grid | null, stride: readonly number[], same: boolean): Grid {
  const [batch, h, w, cin] = x.shape as [number, number, number, number];
  const [kh, kw, , cout] = k.shape as [number, number, number, number];
  const along = (length: number, size: number, step: number) => {
    const count = same ? Math.ceil(length / step) : Math.floor((length - size) / step) + 1;
    return { count, before: same ? Math.floor(Math.max((count - 1) * step + size - length, 0) / 2) : 0 };
  };
  const [rows, columns] = [along(h, kh, stride[0]!), along(w, kw, stride[1]!)];
  return make([batch, rows.count, columns.count, cout], (b, r, c, o) => {
    const terms: Dual[] = bias ? [at(bias, o)] : [];
    for (let i = 0; i < kh; i++)
      for (let j = 0; j < kw; j++) {
        const [y, z] = [r * stride[0]! + i - rows.before, c * stride[1]! + j - columns.before];
        if (y >= 0 && y < h && z >= 0 && z < w) for (let n = 0; n < cin; n++) terms.push(mul(at(x, b, y, z, n), at(k, i, j, n, o)));
      }
    return sum(terms);
  });
}

/** Means and 1/√(variance + ε) of each group of values. */
interface Statistics {
  readonly means: readonly Dual[];
  readonly scales: readonly Dual[];
}
function statisticsOf(x: Grid, groups: (place: number) => number, count: number, eps: number): Statistics {
  const members: Dual[][] = Array.from({ length: count }, () => []);
  x.values.forEach((value, place) => members[groups(place)]!.push(value));
  const means = members.map(mean);
  const scales = members.map((list, g) => power(add(mean(list.map((v) => mul(sub(v, means[g]!), sub(v, means[g]!)))), dual(eps)), -0.5));
  return { means, scales };
}
function normalized(x: Grid, groups: (place: number) => number, { means, scales }: Statistics, affine: [Grid, Grid] | null): Grid {
  const width = x.shape.at(-1)!;
  const values = x.values.map((value, place) => {
    const z = mul(sub(value, means[groups(place)]!), scales[groups(place)]!);
    return affine ? add(mul(z, affine[0].values[place % width]!), affine[1].values[place % width]!) : z;
  });
  return { shape: x.shape, values };
}

/** Someone who looks at the pass, and may put his hand in. */
export interface Watch {
  /** What comes into a layer. */
  entered?(layer: number, x: Grid): void;
  /** What a kernel gives; what he returns takes its place. */
  kernel?(layer: number, h: Grid): Grid;
  /** What an activation function is taken of. */
  argument?(layer: number, h: Grid): void;
  left?(layer: number, x: Grid): Grid | void;
  /** Statistics of batch normalizations, by layer: those that are there are used, the others are put there. */
  readonly statistics?: Map<number, Statistics>;
}

/** The outputs; parameters are taken off the list as the layers need them. */
export function outputsOf(layers: readonly LayerJson[], input: Grid, parameters: readonly Grid[], watch: Watch = {}): Grid {
  const left = [...parameters];
  const saved = new Map<unknown, Grid>();
  let x = input;
  const seen = (grid: Grid, at: number): Grid => watch.kernel?.(at, grid) ?? grid;
  const activated = (grid: Grid, name: unknown, at: number): Grid => {
    if (typeof name !== 'string') return grid;
    watch.argument?.(at, grid);
    return { shape: grid.shape, values: grid.values.map(activations[name]!) };
  };
  for (const [place, layer] of layers.entries()) {
    watch.entered?.(place, x);
    const width = x.shape.at(-1)!;
    if (layer.type === 'dense') {
      const kernel = left.shift()!;
      const bias = layer.bias === false ? null : left.shift()!;
      const [, out] = kernel.shape as [number, number];
      const from = x;
      x = make([from.shape[0]!, out], (b, o) => {
        const terms = Array.from({ length: width }, (_, i) => mul(at(from, b, i), at(kernel, i, o)));
        return sum(bias ? [...terms, at(bias, o)] : terms);
      });
      x = activated(seen(x, place), layer.activation, place);
    } else if (layer.type === 'conv2d') {
      const kernel = left.shift()!;
      const bias = layer.bias === false ? null : left.shift()!;
      const stride = [layer.stride ?? 1].flat() as number[];
      const filtered = convolution(x, kernel, bias, [stride[0]!, stride.at(-1)!], layer.padding === 'same');
      x = activated(seen(filtered, place), layer.activation, place);
    } else if (layer.type === 'batchnorm' || layer.type === 'layernorm') {
      const affine: [Grid, Grid] | null = layer.affine ? [left.shift()!, left.shift()!] : null;
      const batch = layer.type === 'batchnorm';
      const groups = (at: number) => (batch ? at % width : Math.floor(at / width));
      const count = batch ? width : x.values.length / width;
      const known = batch ? watch.statistics?.get(place) : undefined;
      const statistics = known ?? statisticsOf(x, groups, count, (layer.eps as number | undefined) ?? 1e-5);
      if (batch) watch.statistics?.set(place, statistics);
      x = normalized(x, groups, statistics, affine);
    } else if (layer.type === 'activation') x = activated(x, layer.fn, place);
    else if (layer.type === 'flatten') x = { shape: [x.shape[0]!, x.values.length / x.shape[0]!], values: x.values };
    else if (layer.type === 'save') saved.set(layer.key, x);
    else if (layer.type === 'add') x = { shape: x.shape, values: x.values.map((value, i) => add(value, saved.get(layer.key)!.values[i]!)) };
    else x = pooled(x, layer.type);
    x = watch.left?.(place, x) ?? x;
  }
  return x;
}

function pooled(x: Grid, type: string): Grid {
  const [batch, h, w, channels] = x.shape as [number, number, number, number];
  const under = (b: number, rows: readonly number[], columns: readonly number[], c: number) =>
    rows.flatMap((r) => columns.map((column) => at(x, b, r, column, c)));
  const all = (n: number) => Array.from({ length: n }, (_, i) => i);
  if (type === 'global_avg_pool') return make([batch, channels], (b, c) => mean(under(b, all(h), all(w), c)));
  return make([batch, Math.floor(h / 2), Math.floor(w / 2), channels], (b, r, c, channel) => {
    const four = under(b, [2 * r, 2 * r + 1], [2 * c, 2 * c + 1], channel);
    return type === 'maxpool2' ? four.reduce((most, value) => (value[0] > most[0] ? value : most)) : mean(four);
  });
}

/** Loss of each example; labels are whole numbers, values have the outputs' shape. */
export function lossesOf(name: string, z: Grid, targets: readonly number[]): Dual[] {
  const batch = z.shape[0]!;
  const k = z.values.length / batch;
  return Array.from({ length: batch }, (_, b) => {
    const row = z.values.slice(b * k, (b + 1) * k);
    if (name === 'softmax_ce') return sub(log(sum(row.map(exp))), row[targets[b]!]!);
    const wanted = targets.slice(b * k, (b + 1) * k);
    if (name === 'binary_ce_logits') return mean(row.map((value, i) => sub(log(add(dual(1), exp(value))), scale(value, wanted[i]!))));
    const squares = row.map((value, i) => power2(sub(value, dual(wanted[i]!))));
    return name === 'half_mse' ? scale(sum(squares), 0.5) : mean(squares);
  });
}
const power2 = (x: Dual): Dual => mul(x, x);
export const meanOf = mean;
