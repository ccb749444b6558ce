/** @file Optimizers against computations by hand, and what is known of their stationary laws. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { defaults, entry } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import type { Node } from '../graph/node.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { rng } from '../rng.ts';
import { optimizers } from './index.ts';

/** One coordinate over five steps, by the textbook: gradients in, weight out. */
const byHand: Record<string, () => (w: number, g: number, t: number) => number> = {
  sgd: () => (w, g) => w - 0.1 * g,
  gradientDescent: () => (w, g) => w - 0.1 * g,
  momentum: () => {
    let u = 0;
    return (w, g) => w - 0.1 * (u = 0.8 * u + g);
  },
  nesterov: () => {
    let u = 0;
    return (w, g) => {
      u = 0.8 * u + g;
      return w - 0.1 * (g + 0.8 * u);
    };
  },
  adagrad: () => {
    let v = 0;
    return (w, g) => {
      v += g * g;
      return w - (0.1 * g) / (Math.sqrt(v) + 1e-3);
    };
  },
  rmsprop: () => {
    let v = 0;
    return (w, g) => {
      v = 0.7 * v + 0.3 * g * g;
      return w - (0.1 * g) / (Math.sqrt(v) + 1e-3);
    };
  },
  signSgd: () => (w, g) => w - 0.1 * Math.sign(g),
  adamW: () => {
    const adam = byHand.adam!();
    return (w, g, t) => adam(w, g, t) - 0.1 * 0.2 * w;
  },
  adam: () => {
    let [m, v] = [0, 0];
    return (w, g, t) => {
      m = 0.7 * m + 0.3 * g;
      v = 0.95 * v + 0.05 * g * g;
      return w - (0.1 * (m / (1 - 0.7 ** t))) / (Math.sqrt(v / (1 - 0.95 ** t)) + 1e-3);
    };
  },
};
const adamOptions = { beta1: 0.7, beta2: 0.95, epsilon: 1e-3 };
const options: Record<string, object> = {
  momentum: { momentum: 0.8 },
  nesterov: { momentum: 0.8 },
  adagrad: { epsilon: 1e-3 },
  rmsprop: { decay: 0.7, epsilon: 1e-3 },
  adam: adamOptions,
  adamW: { ...adamOptions, decay: 0.2 },
};
/** Not coordinate by coordinate: each has a test of its own. */
const apart = ['novoGrad', 'sgld', 'kfac', 'gaussNewton'];

for (const kind of Object.keys(optimizers).filter((name) => !apart.includes(name)))
  test(`${kind}: five steps equal the computation by hand, coordinate by coordinate`, () => {
    const steps = openSteps(smallSpec({ optimizer: { kind, learningRate: 0.1, ...options[kind] } }));
    const hands = new Map<string, (w: number, g: number, t: number) => number>();
    const all = Int32Array.from({ length: 40 }, (_, i) => i);
    for (let t = 1; t <= 5; t++) {
      const { weights, next, batch } = steps.step();
      const { gradients } = slowChain(steps.plan.network, weights, steps.data.train, entry('optimizer', kind).fullBatch ? all : batch);
      for (const [name, values] of weights) {
        const expected = values.map((w, i) => {
          const key = `${name} ${i}`;
          if (!hands.has(key)) hands.set(key, byHand[kind]!());
          return hands.get(key)!(w, gradients.get(name)![i]!, t);
        });
        assertClose(next.get(name)!, expected, 1e-12, `${kind} ${name} at step ${t}`);
      }
    }
  });

test('NovoGrad: five steps equal the computation by hand, tensor by tensor', () => {
  for (const averaging of [false, true]) {
    const [beta1, beta2, epsilon, decay] = [0.7, 0.9, 1e-3, 0.05];
    const steps = openSteps(smallSpec({ optimizer: { kind: 'novoGrad', learningRate: 0.1, beta1, beta2, epsilon, decay, averaging } }));
    const memory = new Map<string, { v: number; m: Float64Array }>();
    for (let t = 1; t <= 5; t++) {
      const { weights, next, batch } = steps.step();
      const { gradients } = slowChain(steps.plan.network, weights, steps.data.train, batch);
      for (const [name, values] of weights) {
        const g = gradients.get(name)!;
        const square = g.reduce((sum, value) => sum + value * value, 0);
        const { v: before, m: old } = memory.get(name) ?? { v: square, m: new Float64Array(g.length) };
        const v = t === 1 ? square : beta2 * before + (1 - beta2) * square;
        const m = old.map(
          (value, i) => beta1 * value + (averaging ? 1 - beta1 : 1) * (g[i]! / (Math.sqrt(v) + epsilon) + decay * values[i]!),
        );
        memory.set(name, { v, m });
        const expected = values.map((w, i) => w - 0.1 * m[i]!);
        assertClose(next.get(name)!, expected, 1e-12, `${name} at step ${t}`);
      }
    }
  }
});

test('NovoGrad does not see the scale of the loss', () => {
  const g = createBuilder('float64');
  const at = (factor: number) =>
    optimizers.novoGrad.update(
      g,
      {
        role: 'weight',
        solution: () => assert.fail('there are none'),
        weights: g.constant(1, [2, 3, 2]),
        gradient: g.mul(g.input('gradient', [2, 3, 2]), factor),
        learningRate: g.constant(0.1),
        inUnits: (value) => value,
        step: g.constant(1),
        slot: () => g.constant(0, [2, 3, 2]),
        memberSlot: () => g.constant(0, [2, 1, 1]),
        scalar: () => assert.fail('there are none'),
        noise: () => assert.fail('there is none'),
      },
      { ...defaults('optimizer', 'novoGrad'), epsilon: 1e-300 },
    ).change;
  const gradient = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i) * 1e-3);
  const [plain, scaled] = evaluate([at(1), at(1e6)], { gradient });
  assertClose(scaled!, plain!, 1e-12);
});

test('SGLD on a quadratic has the stationary variance T/(1 - ε/4), within five standard errors', () => {
  const [chains, epsilon, temperature, steps] = [4_000, 0.5, 0.3, 200];
  const g = createBuilder('float64');
  const x = g.input('x', [1, chains]);
  const noise = g.input('noise', [1, chains]);
  const none = () => assert.fail('SGLD has no memory');
  const { change } = optimizers.sgld.update(
    g,
    {
      role: 'weight',
      solution: none,
      weights: x,
      gradient: x,
      learningRate: g.constant(epsilon),
      inUnits: (value) => value,
      step: g.constant(1),
      slot: none,
      memberSlot: none,
      scalar: none,
      noise: () => noise,
    },
    { kind: 'sgld', temperature },
  );
  const random = rng(4, 'langevin');
  let values = new Float64Array(chains);
  for (let t = 0; t < steps; t++) {
    const draws = Float64Array.from({ length: chains }, () => random.normal());
    const [moved] = evaluate([change], { x: values, noise: draws });
    values = values.map((value, i) => value + moved![i]!);
  }
  const variance = values.reduce((sum, value) => sum + value * value, 0) / chains;
  const expected = temperature / (1 - epsilon / 4);
  assert.ok(Math.abs(variance / expected - 1) < 5 * Math.sqrt(2 / chains), `${variance}, not ${expected}`);
});

test('SGLD at temperature 0 is gradient descent at half the rate; its noise is new in every step and the same when repeated', () => {
  const run = (temperature: number) => {
    const steps = openSteps(smallSpec({ optimizer: { kind: 'sgld', learningRate: 0.1, temperature } }));
    return Array.from({ length: 3 }, () => steps.step());
  };
  const half = openSteps(smallSpec({ optimizer: { kind: 'sgd', learningRate: 0.05 } }));
  for (const cold of run(0)) {
    const { next } = half.step();
    for (const [name, values] of cold.next) assertClose(values, next.get(name)!, 1e-13, name);
  }
  const [first, again] = [run(1), run(1)];
  assert.deepEqual(first, again);
  const noise = (k: number) => first[k]!.next.get('layer2.weight')!.map((value, i) => value - first[k]!.weights.get('layer2.weight')![i]!);
  assert.ok(Math.abs(norm(noise(0)) ** 2 / 16 / 0.1 - 1) < 0.9, 'variance ηT per coordinate, up to the gradient');
  assert.ok(noise(0).some((value, i) => Math.abs(value - noise(1)[i]!) > 1e-3));
});

test('a learning rate of its own for every member of a stack: each moves as it would alone', () => {
  const shape = [3, 2, 2];
  const random = rng(5, 'test');
  const feeds: Record<string, Float64Array> = {};
  const rates = [0.1, 0.003, 2];
  for (const [kind, { update }] of Object.entries(optimizers)) {
    const g = createBuilder('float64');
    const stack = (name: string, of: readonly number[] = shape) => {
      feeds[name] ??= Float64Array.from({ length: of.reduce((product, n) => product * n, 1) }, () => Math.abs(random.normal()));
      return g.input(name, of);
    };
    const moved = (take: (stacked: Node) => Node, learningRate: Node) =>
      update(
        g,
        {
          role: 'weight',
          solution: (name, of) => take(stack(name, [3, ...of.slice(1)])),
          weights: take(stack('weights')),
          gradient: take(stack('gradient')),
          learningRate,
          inUnits: (value) => value,
          step: g.constant(2),
          slot: (name) => take(stack(name)),
          memberSlot: (name) => take(stack(`member ${name}`, [3, 1, 1])),
          scalar: () => g.constant(1.5),
          noise: () => take(stack('noise')),
        },
        defaults('optimizer', kind),
      ).change;
    const together = moved((stacked) => stacked, g.constant(Float64Array.from(rates), [3, 1, 1]));
    const alone = rates.map((rate, member) => moved((stacked) => g.slice(stacked, 0, member, member + 1), g.constant(rate)));
    const [all, ...each] = evaluate([together, ...alone], feeds);
    assertClose(
      all!,
      each.flatMap((values) => [...values]),
      1e-14,
      kind,
    );
  }
});

test('AdamW is Adam with decoupled weight decay where every parameter is a kernel', () => {
  const network = { kind: 'mlpChain', depth: 2, width: 4, bias: false };
  const [own, beside] = [
    openSteps(smallSpec({ network, optimizer: { kind: 'adamW', learningRate: 0.1, decay: 0.3 } })),
    openSteps(
      smallSpec({
        network,
        optimizer: { kind: 'adam', learningRate: 0.1 },
        regularizer: { kind: 'decoupledWeightDecay', coefficient: 0.3 },
      }),
    ),
  ];
  for (let t = 0; t < 5; t++) {
    const [a, b] = [own.step().next, beside.step().next];
    for (const [name, values] of a) assertClose(values, b.get(name)!, 1e-14, `${name} at step ${t}`);
  }
});

test('the schedule multiplies the learning rate of every step', () => {
  const steps = openSteps(
    smallSpec({ steps: 10, optimizer: { kind: 'sgd', learningRate: 0.5 }, schedule: { kind: 'cosine', final: 0.1 } }),
  );
  const rates = Array.from({ length: 10 }, () => steps.step().metrics.learningRate![0]!);
  assertClose(
    rates,
    rates.map((_, t) => 0.5 * (0.1 + (0.9 * (1 + Math.cos((Math.PI * t) / 10))) / 2)),
    1e-12,
  );
});

test('learning rates below 0 and NaN are refused, 0 and 1e30 are not', () => {
  for (const learningRate of [-1e-9, NaN, Infinity, '0.1'])
    assert.throws(() => smallSpec({ optimizer: { kind: 'sgd', learningRate } }), /learningRate/);
  for (const learningRate of [0, 1e30]) assert.ok(smallSpec({ optimizer: { kind: 'sgd', learningRate } }));
});
