/** @file K-FAC: each dense layer's gradient between the inverses of two small matrices, the second moments of what goes in and of the slopes. */
import type { Optimizer } from '../define.ts';
import type { Solver, StackOf } from '../solver.ts';
import { learningRate } from './learningRates.ts';
import { inverse } from './positiveDefinite.ts';

/** Layers up to this wide: a factor of 1,024 takes the host about a second to invert. */
const widest = 1024;

const solver: Solver = {
  every: ({ every }) => every as number,
  flops({ parameters, perExample, batchSize }, { every }) {
    const kernels = parameters.filter(({ role, shape }) => role === 'weight' && shape.length === 2);
    const sum = (of: (n: number, m: number) => number) => kernels.reduce((total, { shape: [n, m] }) => total + of(n!, m!), 0);
    const measuring = 6 * perExample * batchSize + 2 * batchSize * sum((n, m) => n * n + m * m);
    return (measuring + 2 * sum((n, m) => n ** 3 + m ** 3)) / (every as number) + 2 * sum((n, m) => n * m * (n + m));
  },
  measure(g, { dense }) {
    const seen = dense.flatMap(({ name, x, slopes }) => {
      const moment = (of: typeof x) => g.mul(g.matMul(of, of, { transposeA: true }), 1 / of.shape[0]!); // E[v vᵀ]
      return [
        [`${name}/inputs`, moment(x)],
        [`${name}/slopes`, moment(slopes)],
      ] as const;
    });
    return Object.fromEntries(seen);
  },
  solve(measured, before, stacks, options) {
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
    /** Of every member's layer; a bias has a factor of inputs of its own, [1]. */
    const joined = ({ role, members }: StackOf, of: 'inputs' | 'slopes', n: number) =>
      join(
        members.map(({ layer }) => {
          const name = `${kernels.find((kernel) => kernel.layer === layer)?.name}/${of}`;
          return role === 'bias' && kept[name] ? inverted(name, n).map((value) => value / (1 + damping)) : inverted(name, n);
        }),
      );
    const given = stacks.flatMap((stack) => {
      const { name, role, shape } = stack;
      const right = (n: number) => [`${name}/right`, joined(stack, 'slopes', n)] as const;
      if (role === 'weight' && shape.length === 3) return [[`${name}/left`, joined(stack, 'inputs', shape[1]!)] as const, right(shape[2]!)];
      return role === 'bias' ? [right(shape[1]!)] : [];
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
      'W \\leftarrow W - \\eta\\,(S + \\lambda I)^{-1}\\, \\tfrac{\\partial L}{\\partial W}\\, (A + \\lambda I)^{-1},\\quad A = \\mathbb E[x x^\\top],\\ S = \\mathbb E[\\delta \\delta^\\top]',
    about:
      'For dense layers; δ are the slopes of the batch’s own losses (empirical Fisher). A bias is a layer of its own whose input is 1; all else moves along its gradient.',
    source: 'Martens and Grosse 2015; one damping for both factors is our choice',
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
  },
  slots: [],
  gradientPower: -1,
  solver,
  faults: ({ network: { parameters } }) =>
    parameters
      .filter(({ role, shape }) => role === 'weight' && shape.length === 2 && Math.max(...shape) > widest)
      .slice(0, 1)
      .map(({ name, shape }) => ({
        path: 'optimizer',
        message: `kfac inverts matrices of the sizes of a layer, at most ${widest}; ${name} is [${shape.join(', ')}]`,
      })),
  update(g, { role, gradient, learningRate: eta, solution }) {
    const [members, rows, columns] = gradient.shape as [number, number, number];
    const right = (n: number) => solution('right', [members, n, n]);
    const along = () => {
      if (role === 'weight' && gradient.shape.length === 3)
        return g.matMul(g.matMul(solution('left', [members, rows, rows]), gradient), right(columns)); // kernels are stored transposed
      if (role !== 'bias') return gradient;
      return g.reshape(g.matMul(g.reshape(gradient, [members, 1, rows]), right(rows)), [members, rows]);
    };
    return { change: g.mul(along(), g.neg(eta)), slots: {} };
  },
};
