/** @file What is refused, and the sentence that says why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { ask, refused } from './question.fixture.ts';

test('every fault is told by its field, what was found and what is allowed', async () => {
  await refused((q) => (q.layers[1].type = 'lstm'), /layers\[1\].*one of dense, conv2d, .*got "lstm"/);
  await refused((q) => (q.layers[0].width = 3), /layers\[0\]: unknown field width; allowed: type, name, in, out, bias, activation/);
  await refused((q) => (q.layers[0].activation = 'wobble'), /layers\[0\]\.activation: must be one of .*relu.*, got "wobble"/);
  await refused(
    (q) => (q.layers[0].activation = { kind: 'elu', alpha: 'x' }),
    /layers\[0\]\.activation\.alpha: must be a number from .*, got "x"/,
  );
  await refused((q) => (q.layers[0].activation = { kind: 'relu', slope: 1 }), /activation\.slope: relu has no option slope; allowed: none/);
  await refused((q) => (q.loss = { kind: 'softmaxCrossEntropy', smooth: 1 }), /loss\.smooth: softmaxCrossEntropy has no option smooth/);
  await refused((q) => (q.layers[0].activation = 'constructor'), /layers\[0\]\.activation: must be one of .*got "constructor"/);
  await refused((q) => (q.held_out = { inputs: [[1, 2, 3]] }), /held_out\.inputs: must be of shape \[n, 2\] like the inputs, got \[1,3\]/);
  await refused((q) => (q.held_out = { inputs: [[1, 2]] }), /held_out\.targets: must be .*got nothing/);
  await refused((q) => (q.ask = ['heldOutLoss', 'gramDrift']), /initial: must be the weights at step 0 for gramDrift.*held_out: must be/);
  await refused((q) => (q.layers[0].in = 5), /layers\[0\]\.in: must be 2, .* got 5/);
  await refused((q) => (q.layers[1].name = 'l1'), /layers\[1\]\.name: must be a name of its own, got l1 again/);
  await refused(
    (q) => q.layers.push({ type: 'add', key: 'skip' }),
    /layers\[2\]\.key: must be one that was saved before \(none was\), got skip/,
  );
  await refused((q) => q.layers.push({ type: 'maxpool2' }), /layers\[2\]\.type: maxpool2 takes images \[B, H, W, C\], got \[4,1\]/);
  await refused((q) => (q.loss = 'l1'), /loss: must be one of half_mse, mse_mean_all, softmax_ce, binary_ce_logits, .*got "l1"/);
  await refused((q) => (q.ask = ['hessain']), /ask\[0\]: must be any of loss, .*got "hessain"/);
  await refused((q) => (q.ask = { hessian: { tops: 3 } }), /ask\.hessian: unknown field tops; allowed: top, bottom/);
  await refused((q) => (q.ask = { hessian: { top: -1 } }), /ask\.hessian\.top: must be an integer from 0 to 2000, got -1/);
  await refused((q) => (q.ask = ['hvp']), /ask\[0\]\.hvp\.vectors: must be a list of vectors, got nothing/);
  await refused((q) => (q.ask = { hvp: [[1, 2]] }), /ask\.hvp\.vectors\[0\]: must hold 13 numbers, got 2/);
  await refused((q) => (q.frobnicate = 1), /unknown field frobnicate; allowed: title, layers/);
  await refused((q) => (q.precision = 'float16'), /precision: must be one of float64, float32, got "float16"/);
  await refused((q) => (q.runtime = 'cuda'), /runtime: must be one of auto, onnx/);
  await refused((q) => Object.assign(q, { runtime: 'tensorflow' }), /precision: must be float32 on tensorflow/);
  await refused((q) => delete q.inputs, /inputs: must be the inputs \[B, …\], got nothing/);
  await refused((q) => delete q.layers, /layers: must be a list of layers \(or give network, spec or operator\), got nothing/);
  await refused((q) => (q.targets = [0, 1, 2]), /targets: must be of shape \[4,1\] for half_mse, got \[3\]/);
  await refused((q) => (q.loss = 5), /loss: must be a name or an object \{ kind, … \}, got 5/);
  for (const value of [[], 'text', 7, null])
    await assert.rejects(answerQuestion(value, filesGiven(new Map())), /must be a JSON object|layers/);
});

test('an operator is a matrix or a diagonal, as large as numbers go', async () => {
  const answer = (question: object): Promise<any> => answerQuestion(question, filesGiven(new Map()));
  await assert.rejects(
    answer({ operator: { matrix: [[1]], diagonal: [1] }, ask: ['top'] }),
    /operator: must hold matrix or diagonal, got both/,
  );
  const huge = await answer({
    operator: {
      matrix: [
        [1e308, 5e307],
        [5e307, -1e308],
      ],
    },
    ask: { top: 1, bottom: 1, frobenius: true },
  });
  const wanted = 1e308 * Math.sqrt(1.25);
  for (const [got, value] of [
    [huge.top[0], wanted],
    [-huge.bottom[0], wanted],
    [huge.frobenius / Math.SQRT2, wanted],
  ])
    assert.ok(Math.abs(got / value - 1) < 1e-14);
  assert.equal((await answer({ operator: { diagonal: [1e-320, -1e-310] }, ask: ['frobenius'] })).frobenius, 1e-310);
});

test('numbers that are none are found at their place', async () => {
  await refused((q) => (q.params['l1.bias'].data[1] = null), /params\.l1\.bias\.data\[1\]: must be a finite number, got null/);
  await refused((q) => (q.params['l1.bias'].data[1] = 1e400), /must be a finite number, got Infinity/);
  await refused((q) => (q.inputs = [[0, 1], [1]]), /inputs\[1\]: must be a list of 2 like its neighbours, got 1/);
  await refused((q) => (q.inputs = { shape: [4, 2], data: [1, 2, 3] }), /inputs\.data: must hold 8 numbers for \[4,2\], got 3/);
  await refused((q) => (q.inputs = { shape: [4, -2], data: [] }), /inputs\.data/);
  await refused((q) => (q.inputs = { shape: [1e9, 1e9], data: [1] }), /inputs\.shape: must hold at most 50000000 values/);
  await refused((q) => (q.inputs = []), /inputs: must not hold an empty list/);
  await refused(
    (q) => Object.assign(q, { loss: 'softmax_ce', targets: [0, 1, 2, 0] }),
    /targets: must be integers from 0 to 0, got 1 at value 1/,
  );
});

test('parameters: names that fit no layer are told beside those expected; shapes that do not fit too', async () => {
  await refused((q) => {
    q.layers[1].bias = true;
    delete q.params['l2.bias'];
  }, /params: must be l1\.kernel \[2,3\], .*l2\.bias \[1\].*; got l1\.kernel \[2,3\], l1\.bias \[3\], l2\.kernel \[3,1\]/);
  await refused(
    (q) => (q.params['l1.kernel'] = { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }),
    /params\.l1\.kernel: must be of shape \[2,3\], got \[3,2\] \(PyTorch keeps \[out, in\]: "layout": "torch" turns it\)/,
  );
  await refused(
    (q) => (q.param_order = ['l1.kernel']),
    /param_order: must name every parameter once, l1\.bias, l2\.kernel, l2\.bias are missing/,
  );
  await refused((q) => (q.param_order = ['l1.kernel', 'l1.kernel']), /param_order\[1\]: l1\.kernel stands twice/);
  await refused((q) => (q.param_order = ['zzz']), /param_order\[0\]: must be one of the parameters l1\.kernel, .*got "zzz"/);
});

test('other spellings of names, and any names in the order of the layers, give the same answers in the order asked for', async () => {
  const all = (question: any) => (question.ask = ['gradients', { hessian: { spectrum: true, matrix: true } }]);
  const plain = await ask(all);
  const torch = await ask((q) => {
    all(q);
    const { ['l1.kernel']: k1, ['l1.bias']: b1, ['l2.kernel']: k2, ['l2.bias']: b2 } = q.params;
    const turned = { shape: [3, 2], data: [0.5, 0.8, -1, 0.2, 0.3, -0.7] };
    q.params = { 'l2/b': b2, L1_weight: turned, 'l1.b': b1, 'l2.weight': { shape: [1, 3], data: k2.data } };
    q.layout = 'torch';
    void k1;
  });
  assert.deepEqual(torch.param_order, ['l2/b', 'L1_weight', 'l1.b', 'l2.weight']);
  assert.deepEqual(torch.gradients.L1_weight, plain.gradients['l1.kernel']);
  torch.hessian.spectrum.forEach((value: number, i: number) => assert.ok(Math.abs(value - plain.hessian.spectrum[i]) < 1e-13));
  assert.ok(Math.abs(torch.hessian.matrix.data[0] - plain.hessian.matrix.data.at(-1)) < 1e-14);
  const unnamed = await ask((q) => {
    all(q);
    q.params = Object.fromEntries(Object.values(q.params).map((value, i) => [`theta${i}`, value]));
    for (const layer of q.layers) delete layer.name;
    for (const layer of q.layers) delete layer.out;
  });
  assert.deepEqual(unnamed.gradients.theta0, plain.gradients['l1.kernel']);
  assert.deepEqual(unnamed.hessian, plain.hessian);
});

test('a convolutional network of PyTorch: kernels, and what stands behind flatten, are turned; running statistics are left out', async () => {
  const numbers = (n: number, from: number) => Array.from({ length: n }, (_, i) => Math.sin(from + 1.7 * i));
  const [h, w, c, out] = [3, 2, 4, 2];
  const [kernel, scale, shift, dense] = [
    numbers(2 * 2 * 1 * c, 1),
    numbers(h * w * c, 2),
    numbers(h * w * c, 3),
    numbers(h * w * c * out, 4),
  ];
  const question = {
    layers: [
      { type: 'conv2d', name: '0', kernel: [2, 2], out: c, padding: 'same', bias: false, activation: 'tanh' },
      { type: 'flatten', name: '1' },
      { type: 'batchnorm', name: '2', affine: true },
      { type: 'dense', name: '3', out },
    ],
    inputs: { shape: [3, h, w, 1], data: numbers(3 * h * w, 5) },
    targets: [0, 1, 1],
    loss: 'softmax_ce',
    ask: ['outputs', 'gradients'],
  };
  const ours = await answerQuestion(
    {
      ...question,
      params: {
        '0.kernel': { shape: [2, 2, 1, c], data: kernel },
        '2.scale': scale,
        '2.shift': shift,
        '3.kernel': { shape: [h * w * c, out], data: dense },
        '3.bias': [0.1, 0.2],
      },
    },
    filesGiven(new Map()),
  );
  const all = (...sizes: number[]): number[][] =>
    sizes.reduce<number[][]>((list, n) => list.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])), [[]]);
  const pixels = (values: number[]) => all(c, h, w).map(([k, y, x]) => values[(y! * w + x!) * c + k!]!);
  const theirs = await answerQuestion(
    {
      ...question,
      layout: 'torch',
      params: {
        '0.weight': { shape: [c, 1, 2, 2], data: all(c, 2, 2).map(([k, y, x]) => kernel[(y! * 2 + x!) * c + k!]!) },
        '2.weight': pixels(scale),
        '2.bias': pixels(shift),
        '2.running_mean': numbers(h * w * c, 9),
        '2.running_var': numbers(h * w * c, 9),
        '2.num_batches_tracked': 3,
        '3.weight': {
          shape: [out, h * w * c],
          data: all(out, c, h, w).map(([o, k, y, x]) => dense[((y! * w + x!) * c + k!) * out + o!]!),
        },
        '3.bias': [0.1, 0.2],
      },
    },
    filesGiven(new Map()),
  );
  assert.deepEqual(theirs.outputs, ours.outputs);
  assert.deepEqual(Object.values(theirs.gradients as object), Object.values(ours.gradients as object));
});

test('a question may be a list or an object, with true or with options', async () => {
  const forms = [
    ['loss', { hessian: { top: 2 } }],
    { loss: true, hessian: { top: 2 }, outputs: false },
    [{ name: 'loss' }, { type: 'hessian', top: 2 }],
  ];
  for (const form of forms) {
    const { loss, hessian, outputs } = await ask((q) => (q.ask = form));
    assert.equal(typeof loss, 'number');
    assert.deepEqual([hessian.top.length, hessian.bottom, outputs], [2, undefined, undefined]);
  }
});

test('weights that overflow give an infinite loss, not an error; curvature says that it is not to be had', async () => {
  const answer = await ask((q) => {
    q.params['l2.kernel'].data = [1e200, 1e200, 1e200];
    q.ask = [
      'loss',
      'hessian',
      'density',
      'gram',
      'hessianTop',
      'hessianSpectrum',
      'hessianNegativeMass',
      'blockNorms',
      'blockNormsError',
      'gradientSharpness',
      'gramLargest',
    ];
  });
  assert.equal(answer.loss, Infinity);
  assert.match(answer.hessian.error, /not finite/);
  assert.match(answer.density.error, /not finite/);
  for (const name of ['hessianTop', 'hessianSpectrum', 'hessianNegativeMass', 'gradientSharpness'])
    assert.ok(Number.isNaN(answer[name]), `${name} is ${answer[name]}`);
  assert.ok(answer.blockNorms.flat().some(Number.isNaN));
  assert.deepEqual(
    answer.blockNormsError.flat(),
    answer.blockNorms.flat().map((value: number) => (Number.isFinite(value) ? 0 : NaN)),
  );
});

test('losses of the catalog take their options; a diagonal may be written in two ways', async () => {
  const soft = await ask((q) => {
    q.layers[1].out = 2;
    q.params['l2.kernel'] = { shape: [3, 2], data: [1, -0.5, 0.7, 0.2, 0.1, -1] };
    q.params['l2.bias'] = { shape: [2], data: [0, 0] };
    q.targets = [0, 1, 1, 0];
    q.loss = { type: 'softmax_ce' };
  });
  assert.equal(soft.lossName, 'softmax_ce');
  for (const operator of [
    { diagonal: [3, -4] },
    { type: 'diagonal', data: [3, -4] },
    {
      kind: 'dense',
      values: [
        [3, 0],
        [0, -4],
      ],
    },
  ]) {
    const { top, bottom }: any = await answerQuestion({ operator, ask: { top: 1, bottom: 1 } }, filesGiven(new Map()));
    assert.deepEqual([top, bottom], [[3], [-4]]);
  }
});

test('float32 on request, close to float64 within its precision', async () => {
  const all = (q: any) => (q.ask = ['gradients', 'hessian']);
  const [wide, narrow] = [await ask(all), await ask((q) => (all(q), (q.precision = 'float32')))];
  assert.equal(narrow.precision, 'float32');
  assert.ok(Math.abs(narrow.hessian.top[0] - wide.hessian.top[0]) < 1e-5);
  assert.ok(narrow.hessian.topResiduals[0] >= 2 ** -24 * Math.abs(wide.hessian.top[0]));
});
