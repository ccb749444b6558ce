/** @file K-FAC: each layer's gradient between the inverses of two small matrices, the second moments of what goes in and of the slopes. */
import type { Optimizer } from '../define.ts';
import { matrixShape, type Solver, type StackOf } from '../solver.ts';
import { learningRate } from './learningRates.ts';
import { inverse } from './positiveDefinite.ts';

/** Layers up to this wide: a factor of 1,024 takes the host about a second to invert. */
const widest = 1024;

const solver: Solver = {
  every: ({ every }) => every as number,
  flops({ parameters, perExample, batchSize }, { every }) {
    const kernels = parameters.flatMap(({ role, shape }) => (role === 'weight' ? [matrixShape(shape)] : []));
    const sum = (of: (n: number, m: number) => number) => kernels.reduce((total, [n, m]) => total + of(n, m), 0);
    const places = perExample / sum((n, m) => n * m); // of a kernel, on average
    const measuring = 6 * perExample * batchSize + 2 * batchSize * places * sum((n, m) => n * n + m * m);
    return (measuring + 2 * sum((n, m) => n ** 3 + m ** 3)) / (every as number) + 2 * sum((n, m) => n * m * (n + m));
  },
  measure(g, { kernels }) {
    const seen = kernels.flatMap(({ name, places, x, slopes }) => {
      const moment = (of: typeof x, examples: number) => g.mul(g.matMul(of, of, { transposeA: true }), 1 / examples);
      return [
        [`${name}/inputs`, moment(x, x.shape[0]! / places)], // a sum over places
        [`${name}/slopes`, moment(slopes, slopes.shape[0]!)], // a mean over them
      ] as const;
    });
    return Object.fromEntries(seen);
  },
  solve(measured, before, { stacks, places }, options) {
    const { memory, damping } = options as unknown as Record<'memory' | 'damping', number>;
    const moments = Object.entries(measured).map(([name, now]) => {
      const old = before[name];
      return [name, old ? now.map((value, i) => memory * old[i]! + (1 - memory) * value) : now] as const;
    });
    const kept = Object.fromEntries(moments);
    const inverses = new Map<string, Float64Array>();
    const inverted = (name: string, n: number): Float64Array => {
      if (!inverses.has(name)) inverses.set(name, kept[name] ? inverse(kept[name], n, damping) : identity(n));
      return inverses.get(name)!;
    };
    const kernels = stacks.flatMap(({ role, members }) => (role === 'weight' ? members : []));
    /** Of every member's layer; a bias has a factor of inputs of its own, [1]: the 1 it reads at every place. */
    const joined = ({ role, members }: StackOf, of: 'inputs' | 'slopes', n: number) =>
      join(
        members.map(({ layer }) => {
          const kernel = kernels.find((other) => other.layer === layer)?.name ?? '';
          const name = `${kernel}/${of}`;
          return role === 'bias' && kept[name]
            ? inverted(name, n).map((value) => value / (places.get(kernel)! + damping))
            : inverted(name, n);
        }),
      );
    const given = stacks.flatMap((stack) => {
      const { name, role, shape } = stack;
      const right = (n: number) => [`${name}/right`, joined(stack, 'slopes', n)] as const;
      if (role === 'bias') return [right(shape[1]!)];
      if (role !== 'weight') return [];
      const [read, written] = matrixShape(shape.slice(1));
      return [[`${name}/left`, joined(stack, 'inputs', read)] as const, right(written)];
    });
    return { ...kept, ...Object.fromEntries(given) };
  },
};

const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

function join(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((offset, part) => (all.set(part, offset), offset + part.length), 0);
  return all;
}

export const kfac: Optimizer = {
  card: {
    name: 'kfac',
    title: 'K-FAC',
    formula:
      'W \\leftarrow W - \\eta\\,(S + \\lambda I)^{-1}\\, \\tfrac{\\partial L}{\\partial W}\\, (A + \\lambda I)^{-1},\\quad A = \\mathbb E \\textstyle\\sum_t x_t x_t^\\top,\\ S = \\mathbb E\\, \\tfrac1T \\sum_t \\delta_t \\delta_t^\\top',
    about:
      'δ are the slopes of the batch’s own losses (empirical Fisher). A dense layer has one place (T = 1); a convolution reads a patch at each of T. A bias is a layer of its own whose input is 1; scales and shifts move along their gradient. Moments are measured without dropout. c = 0 in every parameterization but abc.',
    source: 'Martens and Grosse 2015; Grosse and Martens 2016 (convolutions); one damping for both factors is our choice',
  },
  fields: {
    learningRate: learningRate(0.01),
    damping: { type: 'number', title: 'Damping', symbol: '\\lambda', min: 1e-8, max: 1e6, default: 0.1, log: true },
    memory: {
      type: 'number',
      title: 'Memory',
      min: 0,
      max: 0.9999,
      default: 0.9,
      about: 'Share of the old moments A and S that is kept when new ones are measured.',
    },
    every: { type: 'integer', title: 'Period', unit: 'steps', min: 1, max: 100_000, default: 10, about: 'From one inversion to the next.' },
    momentum: {
      type: 'number',
      title: 'Momentum',
      symbol: '\\mu',
      min: 0,
      max: 0.9999,
      default: 0,
      about: 'Heavy ball: the solved steps are added up, each time times μ.',
    },
  },
  slots: ['momentum'],
  slotPowers: { momentum: -1 },
  gradientPower: -1,
  solver,
  faults: ({ network: { parameters } }) =>
    parameters
      .filter(({ role, shape }) => role === 'weight' && Math.max(...matrixShape(shape)) > widest)
      .slice(0, 1)
      .map(({ name, shape }) => ({
        path: 'optimizer',
        message: `kfac inverts matrices of the sizes of a layer, at most ${widest}; ${name} is [${shape.join(', ')}] and takes ${Math.max(...matrixShape(shape))}`,
      })),
  update(g, { role, gradient, learningRate: eta, slot, solution }, { momentum }) {
    const { shape } = gradient;
    const members = shape[0]!;
    const right = (n: number) => solution('right', [members, n, n]);
    const solved = () => {
      if (role === 'bias') return g.reshape(g.matMul(g.reshape(gradient, [members, 1, -1]), right(shape[1]!)), shape);
      if (role !== 'weight') return gradient;
      const [read, written] = matrixShape(shape.slice(1));
      const matrix = g.reshape(gradient, [members, read, written]); // kernels are stored transposed
      return g.reshape(g.matMul(g.matMul(solution('left', [members, read, read]), matrix), right(written)), shape);
    };
    const along = momentum === 0 ? solved() : g.add(g.mul(slot('momentum'), momentum as number), solved());
    return { change: g.mul(along, g.neg(eta)), slots: { momentum: along } };
  },
};
