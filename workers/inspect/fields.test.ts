/** @file At which field a fault is told: the one that its writer would change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { ask, refused } from './question.fixture.ts';
import { InspectRefusal } from './refusal.ts';

/** The field at which a question is refused. */
const refusedAt = async (change: (question: any) => void): Promise<string> => {
  const error: unknown = await ask(change).catch((fault: unknown) => fault);
  assert.ok(error instanceof InspectRefusal, String(error));
  return error.issues[0]!.path;
};

test('faults are told at the field where they stand', async () => {
  const labels = Array.from({ length: 2_000 }, (_, i) => (i === 1_999 ? 7 : i % 2));
  await refused(
    (q) =>
      Object.assign(q, {
        layers: [{ type: 'dense', name: 'l1', out: 2, bias: false }],
        params: { 'l1.kernel': [[1, 2]] },
        inputs: labels,
        targets: labels,
        loss: 'softmax_ce',
      }),
    /^targets: must be integers from 0 to 1, got 7 at value 1999$/,
  );
  const initial = (change: (all: any) => void) => (q: any) => change((q.initial = structuredClone(q.params)));
  await refused(
    initial((all) => delete all['l1.bias']),
    /^initial: must hold every parameter, l1\.bias is missing$/,
  );
  await refused(
    initial((all) => (all.extra = [1])),
    /^initial\.extra: must be one of the parameters l1\.kernel, .*, got "extra"$/,
  );
  await refused(
    initial((all) => (all['l1.bias'] = [1])),
    /^initial\.l1\.bias: must be of shape \[3\], got \[1\]$/,
  );
  const network = (given: unknown) => (q: any) => {
    delete q.layers;
    delete q.params;
    q.network = given;
  };
  await refused(network({ kind: 'transformer' }), /^network\.kind: must be .*, got "transformer"$/);
  await refused(network('transformer'), /^network: must be .*, got "transformer"$/);
  await refused(network({ kind: 'mlpChain', dept: 3 }), /^network: unknown field dept; allowed: kind, depth/);
  await refused((q) => {
    network(undefined)(q);
    q.spec = { network: { kind: 'mlpChain', dept: 3 } };
  }, /^spec\.network: unknown field dept/);
  const asked = (form: unknown, more: object = {}) => refusedAt((q) => Object.assign(q, { ask: form, ...more }));
  const short = [[1, 2, 3]];
  assert.equal(await asked([{ hvp: { vectors: short } }]), 'ask[0].hvp.vectors[0]');
  assert.equal(await asked(['loss', { hvp: {} }]), 'ask[1].hvp.vectors');
  assert.equal(await asked(['hvp']), 'ask[0].hvp.vectors');
  assert.equal(await asked([{ name: 'hvp', vectors: short }]), 'ask[0].vectors[0]');
  assert.equal(await asked(['hvp'], { vectors: short }), 'vectors[0]');
  assert.equal(await asked(['loss', { hessian: { vectors: short } }]), 'ask[1].hessian.vectors[0]');
  assert.equal(await asked({ ggn: { vectors: [['x']] } }), 'ask.ggn.vectors[0][0]');
  assert.equal(await asked([{ density: { grid: ['x'] } }]), 'ask[0].density.grid[0]');
  assert.equal(await asked([{ density: { grid: [] } }]), 'ask[0].density.grid');
  const operator = (more: object) => answerQuestion({ operator: { diagonal: [1, 2] }, ask: ['trace'], ...more }, filesGiven(new Map()));
  await assert.rejects(operator({ solver: 'qr' }), /^InspectRefusal: solver: must be one of auto, .*, got "qr"/);
  await assert.rejects(operator({ operator: { diagonal: [1], solver: 'qr' } }), /^InspectRefusal: operator\.solver: /);
  await assert.rejects(operator({ ask: { density: { grid: ['x'] } } }), /ask\.density\.grid\[0\]: must be a number, got "x"/);
  await refused((q) => (q.runtime = { device: 'tpu' }), /^runtime: .* with device one of auto, cpu, wasm, webgpu, cuda, got /);
});

test('inputs of another width than the kernel takes are told at the inputs, where the layers leave it open', async () => {
  const open = (q: any) => {
    delete q.layers[0].in;
    q.inputs = q.inputs.map((row: number[]) => [...row, 1]);
  };
  await refused(open, /^inputs: must be of width 2, the rows of l1\.kernel \[2,3\], got 3$/);
  await refused((q) => {
    open(q);
    q.layers.unshift({ type: 'activation', fn: 'tanh' });
    q.params = Object.fromEntries(Object.values(q.params).map((value, i) => [`theta${i}`, value]));
  }, /^inputs: must be of width 2, the rows of theta0 \[2,3\], got 3$/);
  // said, the kernel is at fault; alone, it may be one of PyTorch; and so it is where more does not fit
  await refused((q) => {
    open(q);
    q.layers[0].in = 3;
  }, /^params\.l1\.kernel: must be of shape \[3,3\], got \[2,3\]$/);
  await refused(
    (q) => Object.assign(q, { layers: [{ type: 'dense', name: 'l1' }], params: { 'l1.kernel': [[1, 2]] } }),
    /^params\.l1\.kernel: must be of shape \[2,2\], got \[1,2\]/,
  );
});

test('vectors that layers leave open are among what is expected, and every name of the question among what was found', async () => {
  await refused((q) => {
    q.layers = [
      { type: 'dense', name: 'x', out: 3 },
      { type: 'dense', name: 'y', out: 1 },
    ];
    q.params = { p: q.params['l1.kernel'], q: [1, 2], r: q.params['l2.kernel'], s: q.params['l2.bias'] };
  }, /^params: must be x\.kernel \[2,3\], x\.bias \[3\] or none, y\.kernel \[3,1\], .*; got p \[2,3\], q \[2\], r \[3,1\], s \[1\]$/);
});
