/** @file Gauss-Newton by the small Gram matrix: a system of the size of the batch's outputs, whatever the number of parameters. */
import type { Optimizer } from '../define.ts';
import { cotangents, tangent } from '../graph/differentiate.ts';
import { asValues } from '../losses/targets.ts';
import type { Solver } from '../solver.ts';
import { learningRate } from './learningRates.ts';
import { solved } from './positiveDefinite.ts';

/** Outputs of a batch, all together: each costs two gradients a step. */
const mostOutputs = 500;

const solver: Solver = {
  every: () => 1,
  flops({ perExample, batchSize, outputs }) {
    const columns = batchSize * outputs;
    return columns * 10 * perExample * batchSize + columns ** 3 / 3;
  },
  /** A column J Jᵀe of the Gram matrix for each unit vector e, J by W = m^a w: no Jacobian is ever written down. */
  measure(g, { weights, units, outputs, targets, probe }) {
    const pulled = cotangents(g, [outputs], [probe()], weights).map((part, i) => {
      const unit = units[i]!;
      if (!part) return g.constant(0, weights[i]!.shape);
      return unit === 1 ? part : g.div(part, typeof unit === 'number' ? unit ** 2 : g.square(unit));
    });
    const [column] = tangent(g, [outputs], weights, pulled);
    return { gram: column!, residual: g.sub(outputs, asValues(g, outputs, targets)) };
  },
  solve({ gram, residual }, _, __, { damping }) {
    const outputs = Math.round(Math.sqrt(gram!.length));
    return { seeds: solved(gram!, residual!.slice(0, outputs), damping as number) };
  },
};

export const gaussNewton: Optimizer = {
  card: {
    name: 'gaussNewton',
    title: 'Gauss-Newton, small Gram matrix',
    formula: 'w \\leftarrow w - \\eta\\, J^\\top (J J^\\top + \\lambda I)^{-1} (f - y)',
    about:
      'For at most 500 outputs of a batch, examples times classes, and the mean squared error: equal to the damped normal equations, whose matrix would be of the size of the network. A coupled decay is added to the solved step. c = 0 in every parameterization but abc.',
    source: 'Brand, Peng, Song and Weinstein 2021; without their sketching',
  },
  fields: {
    learningRate: learningRate(1),
    damping: { type: 'number', title: 'Damping', symbol: '\\lambda', min: 1e-10, max: 1e10, default: 1, log: true },
  },
  slots: [],
  gradientPower: -1,
  solver,
  faults({ network, batchSize, data: { outputs }, loss, dropout }) {
    const refused = [
      loss === 'meanSquaredError' ? null : ['loss', `gaussNewton takes meanSquaredError, got ${loss}`],
      batchSize * outputs <= mostOutputs
        ? null
        : ['batchSize', `times the ${outputs} outputs must be at most ${mostOutputs} for gaussNewton, got ${batchSize * outputs}`],
      dropout > 0 ? ['regularizer', 'gaussNewton solves for the whole network, so dropout must be 0'] : null,
      (network.dropout ?? 0) > 0
        ? [
            'network',
            `gaussNewton solves for the whole network, so what it leaves out must be 0, got ${Number(network.dropout!.toPrecision(6))}`,
          ]
        : null,
    ];
    return refused.flatMap((fault) => (fault ? [{ path: fault[0]!, message: fault[1]! }] : []));
  },
  objective: (g, outputs, solution) => g.sum(g.mul(outputs, solution('seeds', outputs.shape))),
  update: (g, { gradient, learningRate: eta }) => ({ change: g.mul(gradient, g.neg(eta)), slots: {} }),
};
