/** @file Loss and gradients of a binary unit against Monte Carlo and differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dot } from '../curvature/vectors.ts';
import { rng } from '../rng.ts';
import { coarseGradient, populationLoss, spuriousReadout, trueGradient, type BinaryNetwork } from './straightThrough.ts';

const unit = (values: Float64Array) => values.map((value) => value / Math.sqrt(dot(values, values)));
const network: BinaryNetwork = {
  v: Float64Array.of(1, -0.5, 0.8),
  w: unit(Float64Array.of(1, 2, -0.5, 0.3)),
  teacherV: Float64Array.of(0.7, 0.6, 1.1),
  teacherW: unit(Float64Array.of(-0.4, 1, 1, 0.2)),
};

test('loss and coarse gradients are means over drawn inputs', () => {
  const random = rng(2, 'test');
  const n = 100_000;
  const { v, w, teacherV, teacherW } = network;
  let loss = 0;
  const coarse = { identity: new Float64Array(4), relu: new Float64Array(4) };
  for (let draw = 0; draw < n; draw++) {
    const z = Array.from({ length: 3 }, () => Float64Array.from({ length: 4 }, () => random.normal()));
    const error = z.reduce((total, row, i) => total + (dot(row, w) > 0 ? v[i]! : 0) - (dot(row, teacherW) > 0 ? teacherV[i]! : 0), 0);
    loss += (0.5 * error ** 2) / n;
    z.forEach((row, i) =>
      row.forEach((value, j) => {
        const part = (value * v[i]! * error) / n;
        coarse.identity[j]! += part;
        if (dot(row, w) > 0) coarse.relu[j]! += part;
      }),
    );
  }
  assert.ok(Math.abs(loss - populationLoss(network)) < 0.01, `${loss}`);
  for (const kind of ['identity', 'relu'] as const)
    coarseGradient(network, kind).forEach((value, j) => assert.ok(Math.abs(value - coarse[kind][j]!) < 0.02, `${kind} ${j}`)); // four standard errors
});

test('the true gradient is that of the loss along the sphere', () => {
  const direction = unit(Float64Array.of(0.3, -1, 0.2, 0.5));
  const across = direction.map((value, i) => value - dot(direction, network.w) * network.w[i]!);
  const at = (h: number) => populationLoss({ ...network, w: unit(network.w.map((value, i) => value + h * across[i]!)) });
  const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
  assert.ok(Math.abs(slope - dot(trueGradient(network), across)) < 1e-8);
});

test('at w = -w* the readout is a minimum over readouts', () => {
  const v = spuriousReadout(network.teacherV);
  const w = network.teacherW.map((value) => -value);
  const at = (i: number, h: number) => populationLoss({ ...network, w, v: v.map((value, j) => value + (i === j ? h : 0)) });
  v.forEach((_, i) => assert.ok(at(i, 1e-3) > at(i, 0) && at(i, -1e-3) > at(i, 0)));
});
