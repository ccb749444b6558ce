/** @file Simulations behind the claims of integrable parameterizations against slower ones; planted faults turn the verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstStepIsMaximal } from './claims/firstStepIsMaximal.ts';
import { degenerateVariants, spreads } from './claims/degenerateVariants.ts';
import { rankCollapse, ranks } from './claims/rankCollapse.ts';
import { entries, widthExponents } from './claims/widthExponents.ts';
import { median } from '../statistics.ts';
import { measured, verdictOf, type Finding } from './claim.ts';
import { relativeDifference, started } from './simulations/firstStep.ts';

const example = (changes: object) => ({
  ...firstStepIsMaximal.example,
  network: { kind: 'mlpChain', depth: 3, width: 9, bias: false },
  ...changes,
});

/** Mean cross-entropy of the first rows. */
function lossOf(outputs: Float64Array, labels: ArrayLike<number>, rows: number): number {
  const classes = outputs.length / rows;
  let total = 0;
  for (let b = 0; b < rows; b++) {
    const row = Array.from(outputs.subarray(b * classes, (b + 1) * classes));
    total += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[labels[b]!]!;
  }
  return total / rows;
}

test('slopes and updates are those of the loss by central differences', () => {
  const rows = 6;
  const network = started(example({ parameterization: 'standard', activation: 'tanh', optimizer: { kind: 'sgd', learningRate: 1 } }), rows);
  const labels = network.labels;
  const { outputs } = network.forward(network.weights);
  const slopes = network.slopes(outputs);
  const updates = network.updates(slopes);
  const step = 1e-6;
  for (const [name, values] of network.weights)
    for (const at of [0, values.length >> 1, values.length - 1]) {
      const [up, down] = [step, -step].map((by) => {
        const moved = values.slice();
        moved[at]! += by;
        return lossOf(network.forward(new Map([...network.weights, [name, moved]])).outputs, labels, rows);
      });
      const numerical = -(up! - down!) / (2 * step);
      assert.ok(Math.abs(updates.get(name)![at]! - numerical) < 1e-8, `${name}[${at}]: ${updates.get(name)![at]}, ${numerical}`);
    }
});

const withEstimate = (finding: Finding, of: RegExp, value: number): Finding => ({
  ...finding,
  estimates: finding.estimates.map((estimate) => (of.test(estimate.name) ? { ...estimate, value, interval: [value, value] } : estimate)),
});

test('rates whose exponent is off by a half, an activation that is not homogeneous, and float32 turn the verdict on the first step', () => {
  const finding = measured(firstStepIsMaximal, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  const of = (parameterization: object | string, changes: object = {}) => started(example({ parameterization, ...changes }), 16);
  const difference = (a: ReturnType<typeof started>, b: ReturnType<typeof started>) => {
    const slopes = b.slopes(b.forward(b.weights).outputs);
    const [left, right] = [a.updates(slopes), b.updates(slopes)];
    return Math.max(...[...right].map(([name, values]) => relativeDifference(left.get(name)!, values)));
  };
  const wrong = { kind: 'abc', aHidden: 1, aOutput: 1, aInput: 0, bHidden: 0, bOutput: 0, cInput: -2, cHidden: -2, cOutput: -2 };
  assert.ok(difference(of('ipLlr'), of('muP')) < 1e-13);
  const faults = {
    'cHidden = -(L+1)/2': difference(of(wrong), of('muP')),
    tanh: difference(of('ipLlr', { activation: 'tanh' }), of('muP', { activation: 'tanh' })),
    'naive rates': difference(of('ip'), of('muP')),
  };
  for (const [fault, value] of Object.entries(faults))
    assert.equal(verdictOf(withEstimate(finding, /first update/, value)), 'contradicted', `${fault}: ${value}`);
  const rounded = started(example({ parameterization: 'ipLlr' }), 16);
  const single = rounded.updates(rounded.slopes(rounded.forward(rounded.weights).outputs));
  const lost = Math.max(...[...single.values()].map((values) => relativeDifference(Float64Array.from(values, Math.fround), values)));
  assert.equal(verdictOf(withEstimate(finding, /first update/, lost)), 'contradicted', `${lost}`);
});

test('exponents off by one, other rates and weights with a mean turn the verdict on the widths', () => {
  const finding = measured(widthExponents, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  const shifted = (of: RegExp, by: number): Finding => ({
    ...finding,
    estimates: finding.estimates.map((estimate) =>
      of.test(estimate.name) ? { ...estimate, window: [estimate.window[0] + by, estimate.window[1] + by] } : estimate,
    ),
  });
  assert.equal(verdictOf(shifted(/integrable, L = 4: slope of the first change/, 1)), 'contradicted');
  assert.equal(verdictOf(shifted(/integrable, L = 4: slope of the output/, 1)), 'contradicted');
  const slopeOf = (parameterization: string) => {
    const [small, large] = [32, 128].map((width) =>
      median([1, 2, 3, 4, 5].map((seed) => Math.log(entries(parameterization, 4, width, seed).hiddenUpdate))),
    );
    return (large! - small!) / Math.log(4);
  };
  for (const parameterization of ['ipLlr', 'ipNonCentred'])
    assert.equal(
      verdictOf(withEstimate(finding, /integrable, L = 4: slope of the first update of the hidden/, slopeOf(parameterization))),
      'contradicted',
      `${parameterization}: ${slopeOf(parameterization)}`,
    );
});

test('centred weights without biases, and the two spreads exchanged, turn the verdict on the variants', () => {
  const finding = measured(degenerateVariants, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  const slopeOf = (variant: string, along: 'ipBias' | 'ipNonCentred', layer: number) => {
    const [small, large] = [64, 256].map((width) =>
      median([1, 2, 3].map((seed) => Math.log(spreads(variant, width, seed, along)[layer - 1]!))),
    );
    return (large! - small!) / Math.log(4);
  };
  const faults: readonly (readonly [RegExp, number])[] = [
    [/with a mean/, slopeOf('ip', 'ipNonCentred', 2)],
    [/with a mean/, slopeOf('ipBias', 'ipNonCentred', 2)],
    [/with biases.*layer 3/, slopeOf('ip', 'ipBias', 3)],
    [/with biases.*layer 3/, slopeOf('ipNonCentred', 'ipBias', 3)],
    [/with biases.*layer 4/, slopeOf('ipBias', 'ipBias', 3)],
  ];
  for (const [of, value] of faults) assert.equal(verdictOf(withEstimate(finding, of, value)), 'contradicted', `${of}: ${value}`);
});

test('one activation taken for the other, and muP for the large first step, turn the verdict on the ranks', () => {
  const finding = measured(rankCollapse, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  const muP = ranks('muP', 'relu', 64, 1);
  const elu = ranks('ipLlr', 'elu', 64, 1);
  const faults: readonly (readonly [RegExp, number])[] = [
    [/IP-LLR, ELU: rank of the last hidden matrix/, ranks('ipLlr', 'relu', 64, 1).updates.at(-2)!],
    [/IP-LLR, ELU: rank of the last hidden matrix/, ranks('muP', 'elu', 64, 1).updates.at(-2)!],
    [/IP-LLR, ReLU: rank of the last hidden matrix/, elu.updates.at(-2)!],
    [/IP-LLR, ReLU: rank of the last hidden layer/, muP.layers.at(-2)!],
    [/its trace rank/, muP.traces.at(-2)!],
    [/its trace rank/, elu.traces.at(-2)!],
    [/rank of the readout/, elu.updates.at(-1)! + 1],
  ];
  for (const [of, value] of faults) assert.equal(verdictOf(withEstimate(finding, of, value)), 'contradicted', `${of}: ${value}`);
});
