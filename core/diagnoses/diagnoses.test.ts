/** @file Each diagnosis on runs made up for it: found with the right numbers, not found one step off the rule, silent without rows. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalog } from '../catalog.ts';
import type { Diagnosis } from '../define.ts';
import { papers } from '../papers/index.ts';
import { collector, type RunResult } from '../results.ts';
import { parseSpec } from '../spec.ts';
import { equilibriumAngle } from '../theory/equilibrium.ts';
import { countsOf, recordedRuns, scores } from './confusion.ts';
import { tried } from './diagnose.ts';
import { diagnoses } from './index.ts';
import { inWords } from './evidence.ts';
import { conditions, injected, inShort, type Condition } from './injections.ts';
import { lasting } from './rows.ts';

const all = Object.values<Diagnosis>(diagnoses);
const metrics = catalog.metric;
type Rows = Readonly<Record<string, readonly (readonly [step: number, ...values: number[]])[]>>;

function run(spec: unknown, rows: Rows = {}, status: RunResult['status'] = 'finished'): RunResult {
  const { append, series } = collector(Object.keys(metrics));
  for (const [metric, list] of Object.entries(rows)) for (const [step, ...values] of list) append(metric, step, values);
  return { spec: parseSpec(spec), status, series };
}
const chain = { network: { kind: 'mlpChain', depth: 5, width: 64 } };

test('a diagnosis reads metrics of the catalog and names a paper that is here', () => {
  for (const { card, metrics: read, paper } of all) {
    for (const name of read) assert.ok(Object.hasOwn(metrics, name), `${card.name}: ${name}`);
    if (paper !== undefined) assert.ok(Object.hasOwn(papers, paper), `${card.name}: ${paper}`);
  }
});

test('a run without rows has no diagnosis, and nothing throws', () => {
  for (const network of ['mlpChain', 'resnet', 'twoLayer', 'icChain'])
    for (const { examine } of all) assert.equal(examine(run({ network })), null);
});

test('what is tried are changed specs, only those that the parser takes', () => {
  const tries = (name: keyof typeof diagnoses, spec: object) => tried(diagnoses[name], parseSpec(spec)).map(({ words }) => words);
  for (const diagnosis of all)
    for (const spec of [{}, { ...chain, activation: 'sigmoid', init: 'glorot' }, { network: 'resnet', optimizer: 'adam' }])
      for (const { spec: other } of tried(diagnosis, parseSpec(spec))) assert.notDeepEqual(other, parseSpec(spec), diagnosis.card.name);
  assert.match(tries('vanishingGradients', { ...chain, init: 'frameworkDefault' })[0]!, /initialization he/);
  assert.match(tries('stationaryAtInit', { ...chain, parameterization: 'ip' })[0]!, /muP/);
  assert.match(tries('edgeOfStability', {}).join(), /learning rate 0\.05.*warm-up/);
  const normalized = { network: { kind: 'mlpChain', normalization: 'batchNorm' }, regularizer: 'l2' };
  assert.match(tries('equilibriumReached', normalized)[0]!, /weight rescaling/);
  assert.doesNotMatch(tries('equilibriumReached', { regularizer: 'l2' }).join(), /rescaling/); // has nothing to act on
});

test('vanishing gradients: what is lost on the way down, with the layers and the power of ten', () => {
  const rows = (fall: number): Rows => ({
    gradNorm: [[0, 1, fall, fall * 3, 0.1, 1, 1]],
    activationNorm: [[0, 1, 1, 1, 1, 1, 1]],
  });
  const found = diagnoses.vanishingGradients.examine(run(chain, rows(1e-6)));
  assert.deepEqual(found?.layers, [1, 2]); // layer2 and layer3
  assert.equal(found?.words, 'the gradient norm falls by 10^6.0 from layer5 to layer2 (step 0)');
  assert.equal(found?.severity, 'fault');
  assert.equal(diagnoses.vanishingGradients.examine(run(chain, rows(0.0101))), null);
  assert.equal(diagnoses.vanishingGradients.examine(run({ ...chain, optimizer: 'adam' }, rows(1e-6)))?.severity, 'note');
});

test('vanishing gradients: what random weights lose is said where the law of the depth is that of the run', () => {
  const rows: Rows = { gradNorm: [[0, 1, 1e-6, 1e-5, 1e-4, 1e-3, 1]], activationNorm: [[0, 1, 1, 1, 1, 1, 1]] };
  const narrow = { network: { kind: 'mlpChain', depth: 5, width: 2 }, activation: 'linear', init: 'lecun' };
  const expected = (spec: object) => diagnoses.vanishingGradients.examine(run(spec, rows))?.numbers.expected;
  // E log(|Wx|²/|x|²) of two outputs of variance 1/2 is -γ: |Wx|² is exponential; 3 steps between the 4 equal layers
  assert.ok(Math.abs(expected(narrow)! - Math.exp((3 * 0.5772156649015329) / 2)) < 1e-12);
  for (const other of [
    { regularizer: 'dropout' },
    { regularizer: { kind: 'l2', dropout: 0.5 } },
    { init: 'he' },
    { network: { ...narrow.network, normalization: 'batchNorm' } },
  ])
    assert.equal(expected({ ...narrow, ...other }), undefined);
});

test('vanishing gradients: equal gradients of all layers vanish too where the activations do', () => {
  const found = diagnoses.vanishingGradients.examine(
    run(chain, { gradNorm: [[0, 2, 2, 2, 2, 2, 9]], activationNorm: [[0, 1, 0.1, 0.01, 1e-3, 1e-4, 1]] }),
  );
  assert.equal(found?.words, 'activations fall by 10^3.0 up to layer5 and with them the gradients of all layers (step 0)');
});

test('vanishing gradients: a layer that is silent on every example passes nothing down either', () => {
  const found = diagnoses.vanishingGradients.examine(
    run(chain, { gradNorm: [[0, 0, 0, 0, 0, 0, 0]], activationNorm: [[0, 1, 1, 0, 0, 0, 0]] }),
  );
  assert.equal(found?.words, 'no activation reaches layer5, so no layer below has a gradient (step 0)');
});

test('exploding gradients: through the depth, with what batch normalization foretells, and through time', () => {
  const network = { kind: 'mlpChain', depth: 30, width: 16, normalization: 'batchNorm' };
  const gradient = Array.from({ length: 31 }, (_, layer) => 1.2112 ** (29 - layer));
  const found = diagnoses.explodingGradients.examine(
    run({ network }, { gradNorm: [[0, ...gradient]], activationNorm: [[0, ...gradient.map(() => 0.7)]] }),
  );
  // 28 layers between the first and the last of equal shape: 28 log10(1.2112) = 2.33
  assert.match(found!.words, /grows by 10\^2\.3 from layer30 down to layer2 \(step 0\); .* 10\^2\.3 here/);
  const diverged = diagnoses.explodingGradients.examine(
    run(
      chain,
      {
        gradientGlobalNorm: [
          [0, 3],
          [1, 3000],
          [2, NaN],
        ],
        loss: [
          [0, 1],
          [1, 9],
          [2, Infinity],
        ],
      },
      'diverged',
    ),
  );
  assert.equal(
    diverged?.words,
    'the loss is no finite number any more at step 2; from step 0 on the gradient norm grew by 10^3.0, to 3,000',
  );
});

test('vanishing curvature: blocks too flat for the run, unless the loss has fallen', () => {
  const spec = { ...chain, optimizer: { kind: 'sgd', learningRate: 0.1 }, steps: 100 };
  const rows = (size: number, end: number): Rows => ({
    blockTop: [[100, size, size, size, 5, 5, 5]],
    blockTopResidual: [[100, 0, 0, 0, 0, 0, 0]],
    blockBottom: [[100, -size, -size, -size, -1, -1, 0]],
    loss: [
      [0, 2],
      [100, end],
    ],
  });
  const found = diagnoses.vanishingCurvature.examine(run(spec, rows(0.099, 1.9)));
  assert.deepEqual(found?.layers, [0, 1, 2]);
  assert.ok(Math.abs(found!.numbers.growth! - Math.exp(0.99)) < 1e-6); // rows are float32
  assert.equal(diagnoses.vanishingCurvature.examine(run(spec, rows(0.101, 1.9))), null);
  assert.equal(diagnoses.vanishingCurvature.examine(run(spec, rows(0.099, 0.9))), null);
});

test('dead units: what random weights leave off is no finding, three deviations more is, all of them is a fault', () => {
  const rows = (share: number): Rows => ({ deadFraction: [0, 1, 2, 3].map((step) => [step, 0, 0, share, 0, 0, 0] as const) });
  assert.equal(diagnoses.deadUnits.examine(run(chain, rows(0.6))), null);
  assert.equal(diagnoses.deadUnits.examine(run(chain, rows(0.7)))?.severity, 'note');
  const found = diagnoses.deadUnits.examine(run(chain, rows(1)));
  assert.equal(found?.severity, 'fault');
  assert.equal(
    found?.words,
    '100% of the 64 units of layer3 are zero on every example (steps 0 to 3), so the output does not depend on the input',
  );
});

test('weight noise: the share, and what decay will have left of it', () => {
  const data = { kind: 'lowRank', inputs: 40 };
  const rows: Rows = {
    weightNoiseFraction: [
      [0, 0.75, 0.9, 0],
      [500, 0.6, 0.9, 0],
    ],
  };
  const spec = { network: { kind: 'mlpChain', depth: 2 }, dataset: data, optimizer: { kind: 'sgd', learningRate: 0.1 }, steps: 1000 };
  const found = diagnoses.weightNoise.examine(run(spec, rows));
  assert.equal(
    found?.words,
    '60% of the squared weight norm of layer1 lies outside the span of its inputs (step 500); no step of descent ever changes it',
  );
  const decaying = diagnoses.weightNoise.examine(run({ ...spec, regularizer: { kind: 'l2', coefficient: 0.05 } }, rows));
  assert.equal(decaying?.severity, 'note');
  assert.ok(Math.abs(decaying!.numbers.rest! - 0.995 ** 1000) < 1e-12);
  for (const changes of [{ clipping: 'value' }, { network: { kind: 'twoLayer', trained: 'readout' }, regularizer: 'l2' }])
    assert.doesNotMatch(diagnoses.weightNoise.examine(run({ ...spec, ...changes }, rows))!.words, /descent|decay/);
  // a probe batch that cannot tell
  assert.equal(diagnoses.weightNoise.examine(run({ ...spec, metrics: { probeSize: 79 } }, rows)), null);
});

test('edge of stability: 2/η, with momentum 2(1+μ)/η, three measurements long', () => {
  const at = (sharpness: number, optimizer: object, count = 3) =>
    diagnoses.edgeOfStability.examine(run({ optimizer }, { hessianTop: Array.from({ length: count }, (_, i) => [i, sharpness, 0]) }));
  const descent = { kind: 'gradientDescent', learningRate: 0.1 };
  assert.match(at(20, descent)!.words, /sharpness 20 stands at 1 times the bound 20 of this learning rate \(steps 0 to 2\)/);
  assert.equal(at(17.9, descent), null);
  assert.equal(at(20, descent, 2), null);
  assert.equal(at(20, { kind: 'momentum', learningRate: 0.1, momentum: 0.9 }), null);
  assert.ok(Math.abs(at(38, { kind: 'momentum', learningRate: 0.1, momentum: 0.9 })!.numbers.share! - 1) < 1e-12);
  assert.equal(at(20, { kind: 'adam', learningRate: 0.1 }), null);
  const own = run({ optimizer: descent, parameterization: 'muP' }, { hessianTop: [0, 1, 2].map((step) => [step, 20, 0] as const) });
  assert.equal(diagnoses.edgeOfStability.examine(own), null); // layers have rates of their own
  const diverged = run({ optimizer: descent }, { hessianTop: [[0, 60, 0]] }, 'diverged');
  assert.match(diagnoses.edgeOfStability.examine(diverged)!.words, /sharpness 60 \(step 0\) is 3 times the bound 20/);
});

test('rank collapse: from the lowest layer on from which all are collapsed', () => {
  const rows: Rows = { sampleCorrelation: [[0, 0.2, 0.9995, 0.99, 0.9991, 0.9999, 0.3]] };
  const found = diagnoses.rankCollapse.examine(run(chain, rows));
  assert.deepEqual(found?.layers, [3, 4]);
  assert.equal(diagnoses.rankCollapse.examine(run(chain, { sampleCorrelation: [[0, 0, 0, 0, 0, 0.998, 1]] })), null);
});

test('equilibrium: the predicted angle at a constant norm, and neither alone', () => {
  const spec = {
    network: { kind: 'mlpChain', depth: 2, normalization: 'batchNorm' },
    optimizer: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
    regularizer: { kind: 'l2', coefficient: 0.005 },
  };
  const predicted = equilibriumAngle({ learningRate: 0.1, decay: 0.005, momentum: 0.9 });
  const at = (angle: number, growth: number, changes: object = {}) =>
    diagnoses.equilibriumReached.examine(
      run(
        { ...spec, ...changes },
        {
          weightAngle: Array.from({ length: 16 }, (_, step) => [step, angle, angle, angle]),
          weightNorm: Array.from({ length: 16 }, (_, step) => [step, 2 * growth ** step, 2 * growth ** step, 2]),
        },
      ),
    );
  assert.deepEqual(at(predicted * 1.05, 1)?.layers, [0, 1]); // not the readout
  assert.equal(at(predicted * 1.2, 1), null);
  assert.equal(at(predicted, 1.1), null);
  assert.equal(at(predicted, 1, { regularizer: 'none' }), null);
  assert.equal(at(predicted, 1, { schedule: 'cosine' }), null);
});

test('stationary at the initialization: what the first gradient promises and what the loss does', () => {
  const spec = { ...chain, optimizer: { kind: 'sgd', learningRate: 0.1 }, steps: 1000 };
  const rows = (gradient: number, end: number): Rows => ({
    gradNorm: [[0, 0, 0, 0, 0, 0, gradient]],
    gradientGlobalNorm: [[0, gradient]],
    loss: [
      [0, 1],
      [1, 1],
      [2, end],
      [3, end],
    ],
  });
  // 1000 · 0.1 · 0.009² = 0.0081
  assert.match(diagnoses.stationaryAtInit.examine(run(spec, rows(0.009, 1)))!.words, /would lower it by 0\.81%/);
  assert.equal(diagnoses.stationaryAtInit.examine(run(spec, rows(0.011, 1))), null);
  assert.equal(diagnoses.stationaryAtInit.examine(run(spec, rows(0.009, 0.9))), null);
});

test('lasting: from the start while it holds, else at least half of the rows', () => {
  const rows = (holds: string) => [...holds].map((mark, step) => ({ step, mark }));
  const of = (holds: string) => lasting(rows(holds), ({ mark }) => mark === 'x')?.steps;
  assert.deepEqual(of('xx--x'), [0, 1]);
  assert.deepEqual(of('-xx-x'), [1, 4]);
  assert.equal(of('-x--'), undefined);
  assert.equal(of(''), undefined);
});

test('numbers in words: three digits, powers of ten beyond a thousandth and ten thousand', () => {
  assert.deepEqual([0, 1234.5, 0.0012345, 12345, -2e-7, NaN, Infinity].map(inWords), [
    '0',
    '1,230',
    '0.001',
    '1.2·10^4',
    '-2.0·10^-7',
    'no number',
    'infinity',
  ]);
});

test('confusion: found where injected, found where nothing calls for it, and neither where the same cause brings it along', () => {
  const condition = (name: string, ...alongside: string[]): Condition => ({ name, reason: '', alongside, specs: [] });
  const runs = [
    ['healthy', []],
    ['healthy', ['a']],
    ['a', ['a', 'b']],
    ['a', ['b']],
    ['b', ['b']],
  ].map(([name, found], seed) => ({ condition: name as string, run: 'x', seed, found: found as string[] }));
  const known = [condition('healthy'), condition('a', 'b'), condition('b')];
  assert.deepEqual(scores(['a', 'b'], known, runs), [
    { name: 'a', injected: 2, found: 1, absent: 3, falseAlarms: 1 },
    { name: 'b', injected: 1, found: 1, absent: 2, falseAlarms: 0 },
  ]);
  assert.deepEqual(countsOf('a', ['a', 'b'], runs), { runs: 2, found: [1, 2] });
});

test('the recorded matrix knows every condition, and the words of all its runs', () => {
  const names = new Set(conditions.map(({ name }) => name));
  assert.deepEqual(new Set(recordedRuns.map(({ condition }) => condition)), names);
  const words = new Map(conditions.map((condition) => [condition.name, new Set(injected(condition, [1]).map(inShort))]));
  for (const { condition, run, found } of recordedRuns) {
    assert.ok(words.get(condition)!.has(run), `${condition}: ${run}`);
    for (const name of found) assert.ok(names.has(name), name);
  }
  assert.deepEqual(names, new Set(['healthy', ...Object.keys(diagnoses)]));
});
