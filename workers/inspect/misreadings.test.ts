/** @file What would be answered with wrong numbers if it were read by its size alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '#core/rng.ts';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { ask, refused } from './question.fixture.ts';

test('an array whose axes are exchanged is not read as another array of the same size', async () => {
  const two = { type: 'dense', name: 'l2', in: 3, out: 2, bias: false };
  const kernel = { shape: [3, 2], data: [1, 0, 0, 1, 1, 1] };
  // questions are JSON, and a faulty one may hold anything
  const wide = (change: (question: any) => void) => (q: any) => {
    q.layers[1] = two;
    q.params = { 'l1.kernel': q.params['l1.kernel'], 'l1.bias': q.params['l1.bias'], 'l2.kernel': kernel };
    q.targets = { shape: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] };
    change(q);
  };
  const turned = { shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] };
  await refused(
    wide((q) => (q.targets = turned)),
    /targets: must be of shape \[4,2\] for half_mse, got \[2,4\]/,
  );
  const plain = await ask(wide(() => {}));
  const flat = await ask(wide((q) => (q.targets = [1, 2, 3, 4, 5, 6, 7, 8])));
  assert.equal(flat.loss, plain.loss);
  const operator = { matrix: { shape: [2, 3, 6], data: new Array<number>(36).fill(1) } };
  await assert.rejects(answerQuestion({ operator }, filesGiven(new Map())), /operator\.matrix: must be square, got \[2,3,6\]/);
  const square = { operator: { diagonal: turned } };
  await assert.rejects(answerQuestion(square, filesGiven(new Map())), /operator\.diagonal: must be a list of numbers, got \[2,4\]/);
});

test('a parameter that goes by the name of a layer is never taken for another one', async () => {
  const layers = [
    { type: 'dense', name: 'a', out: 2, bias: false },
    { type: 'dense', name: 'b', out: 2, bias: false },
  ];
  const square = (data: number[]) => ({ shape: [2, 2], data });
  await refused(
    (q) => Object.assign(q, { layers, params: { 'b.kernel': square([1, 2, 3, 4]), 'a.kernl': square([5, 6, 7, 8]) } }),
    /params: must be a\.kernel \[2,2\], b\.kernel \[2,2\], by these names or in this order; got b\.kernel \[2,2\], a\.kernl \[2,2\]/,
  );
  // a normalization that leaves out whether it is affine, in front of one that has its own scale
  const norms = [
    { type: 'batchnorm', name: 'n' },
    { type: 'batchnorm', name: 'm' },
    { type: 'dense', name: 'a', out: 1, bias: false },
  ];
  const params = { 'm.scale': [1, 2], 'm.shift': [0, 1], 'a.kernel': [[1], [1]] };
  const answer = await ask((q) => Object.assign(q, { layers: norms, params }));
  assert.deepEqual(answer.param_order, ['m.scale', 'm.shift', 'a.kernel']);
});

test('a layer that does not say whether it has a bias has one exactly where the parameters hold one', async () => {
  const layers = [
    { type: 'dense', name: 'a', activation: 'tanh' },
    { type: 'dense', name: 'b' },
    { type: 'dense', name: 'c' },
  ];
  const [k, b] = [
    [
      [1, 2],
      [3, 4],
    ],
    [0.5, -0.5],
  ];
  const withBias = (at: string) => layers.map((layer) => ({ ...layer, bias: layer.name === at }));
  for (const [at, params] of Object.entries({
    a: { 'a.kernel': k, 'a.bias': b, 'b.kernel': k, 'c.kernel': k },
    b: { w1: k, w2: k, b2: b, w3: k },
    c: { 'c.bias': b, 'b.kernel': k, 'c.kernel': k, 'a.kernel': k },
  })) {
    const question = { params, targets: k.concat(k), ask: ['outputs', 'gradients'] };
    const [silent, told] = await Promise.all(
      [layers, withBias(at)].map((given) => ask((q) => Object.assign(q, { ...question, layers: given }))),
    );
    assert.deepEqual([silent.outputs, silent.gradients], [told.outputs, told.gradients], at);
  }
});

test('parameters without names are read by place only where there is one way to', async () => {
  const norm = (name: string, more: object = {}) => ({ type: 'layernorm', name, ...more });
  const dense = (name: string, more: object = {}) => ({ type: 'dense', name, out: 2, ...more });
  const kernel = [
    [1, 2],
    [3, 5],
  ];
  const [scale, shift] = [
    [1, 2],
    [0, 1],
  ];
  const of = (layers: object[], params: object) => (q: any) =>
    Object.assign(q, { layers, params, targets: new Array<number[]>(4).fill([1, 2]), loss: 'half_mse' });
  const several = /params: must go by the names of their layers, or the layers must say "affine" and "bias": p0 .* could be of /;
  // two norms of one shape, one pair: either may have it
  await refused(of([norm('n'), norm('m'), dense('a', { bias: false })], { p0: scale, p1: shift, p2: kernel }), several);
  // a kernel and one pair behind it: without a bias it is of the norm, which the first reading does not find
  await refused(of([dense('a'), norm('m')], { p0: kernel, p1: scale, p2: shift }), /params: must be a\.kernel/);
  // what the layers say, or a pair for each, leaves one way
  const last = [dense('a', { bias: false })];
  const said = await ask(of([norm('n', { affine: false }), norm('m', { affine: true }), ...last], { p0: scale, p1: shift, p2: kernel }));
  const named = await ask(of([norm('n'), norm('m'), ...last], { 'm.scale': scale, 'm.shift': shift, 'a.kernel': kernel }));
  assert.equal(said.loss, named.loss);
  const both = { p0: scale, p1: shift, p2: [3, 1], p3: [1, 1], p4: kernel };
  const byPlace = await ask(of([norm('n'), norm('m'), ...last], both));
  const values = Object.values(both);
  const names = ['n.scale', 'n.shift', 'm.scale', 'm.shift', 'a.kernel'];
  const byName = await ask(of([norm('n'), norm('m'), ...last], Object.fromEntries(names.map((name, i) => [name, values[i]]))));
  assert.equal(byPlace.loss, byName.loss);
  assert.notEqual(byPlace.loss, said.loss);
});

test('a name that ends in a role is never taken for another role of the same shape', async () => {
  const layers = [
    { type: 'layernorm', name: 'n', affine: true },
    { type: 'dense', name: 'a', out: 1, bias: false },
  ];
  const [bias, scale, kernel] = [
    [5, 6],
    [1, 2],
    [[1], [3]],
  ];
  const given = (params: object) => (q: any) => Object.assign(q, { layers, params });
  const plain = await ask(given({ 'n.scale': scale, 'n.shift': bias, 'a.kernel': kernel }));
  // in the order of the alphabet, as nested parameters are often flattened
  for (const [first, second] of [
    ['LayerNorm_0/bias', 'LayerNorm_0/scale'],
    ['beta', 'gamma'],
    ['norm.bias', 'norm.weight'],
  ] as const) {
    const params = { [first]: bias, [second]: scale, 'Dense_0/kernel': kernel };
    assert.equal((await ask(given(params))).loss, plain.loss, first);
    await refused(
      (q) => given(params)(Object.assign(q, { param_order: Object.keys(params) })),
      /params: must be n\.scale \[2\], n\.shift \[2\], a\.kernel \[2,1\], by these names or in this order/,
    );
  }
  const answer = await ask(given({ gamma: scale, beta: bias, w: kernel }));
  assert.equal(answer.loss, plain.loss);
  const ordered = await ask((q) =>
    given({ beta: bias, gamma: scale, w: kernel })(Object.assign(q, { param_order: ['gamma', 'beta', 'w'] })),
  );
  assert.equal(ordered.loss, plain.loss);
});

test('two normalizations behind one layer count together, whatever the order of the parameters', async () => {
  const layers = [
    { type: 'dense', name: 'a', out: 2 },
    { type: 'batchnorm', name: 'n' },
    { type: 'layernorm', name: 'm' },
    { type: 'dense', name: 'b', out: 1 },
  ];
  const params = {
    'm.scale': [0, 12],
    'm.shift': [8, 0],
    ...{ 'n.scale': [3, 4], 'n.shift': [0, 6], 'b.kernel': [[1], [1]] },
    'a.kernel': [
      [1, 2],
      [3, 4],
    ],
  };
  for (const param_order of [Object.keys(params), Object.keys(params).reverse()]) {
    const metrics = ['normalizationScaleNorm', 'normalizationShiftNorm'];
    const answer = await ask((q) => Object.assign(q, { layers, params, param_order, ask: metrics }));
    assert.deepEqual(
      [answer.normalizationScaleNorm, answer.normalizationShiftNorm],
      [
        [13, NaN],
        [10, NaN],
      ],
    );
  }
});

test('an operator stands alone, and its unknown fields are told where they stand', async () => {
  const operator = { diagonal: [1, 2] };
  await refused((q) => Object.assign(q, { operator, ask: ['top'] }), /layers: must be left out where an operator is given/);
  const wrong = { operator: { ...operator, tops: 1 } };
  await assert.rejects(answerQuestion(wrong, filesGiven(new Map())), /^InspectRefusal: operator: unknown field tops; allowed: top, bottom/);
});

test('parameters by the alphabet, inside of something larger: a bias never becomes that of the layer in front of its own', async () => {
  const random = rng(31, 'test');
  const tensor = (shape: number[]) => ({
    shape,
    data: Array.from({ length: shape.reduce((n, size) => n * size, 1) }, () => random.normal()),
  });
  const weights = { 'first.kernel': tensor([2, 2]), 'second.bias': tensor([2]), 'second.kernel': tensor([2, 2]) };
  const question = (layers: object[], name: (own: string) => string) => ({
    layers,
    params: Object.fromEntries(Object.entries(weights).map(([own, value]) => [name(own), value])),
    inputs: tensor([3, 2]),
    targets: tensor([3, 2]),
    loss: 'half_mse',
    ask: ['outputs'],
  });
  const named = ['first', 'second'].map((name) => ({ type: 'dense', name }));
  const plain = question(named, (own) => own);
  const data = { inputs: plain.inputs, targets: plain.targets };
  const wanted: any = await answerQuestion(plain, filesGiven(new Map()));
  for (const prefix of ['params/', 'net.', 'a/b.c/']) {
    const inside = { ...question(named, (own) => prefix + own.replace('.', '/')), ...data };
    assert.deepEqual(((await answerQuestion(inside, filesGiven(new Map()))) as any).outputs, wanted.outputs);
  }
  // without names of layers the bias stands beside its kernel, but the alphabet may as well have put the second layer first
  const unnamed = question([{ type: 'dense' }, { type: 'dense' }], (own) => `params/${own.replace('.', '/')}`);
  await assert.rejects(
    answerQuestion(unnamed, filesGiven(new Map())),
    /^InspectRefusal: params: must go by .* param_order: params\/first\/kernel and params\/second\/kernel could change places/,
  );
  const listed = { ...unnamed, ...data, param_order: ['params/first/kernel', 'params/second/kernel', 'params/second/bias'] };
  assert.deepEqual((await answerQuestion(listed, filesGiven(new Map()))).outputs, wanted.outputs);
});

test('names with numbers are read by them, in whatever order they are written; param_order says otherwise, and names of layers go first', async () => {
  const [first, second, bias] = [
    [
      [1, 2],
      [3, 5],
    ],
    [
      [0.5, -1],
      [2, 0.25],
    ],
    [0.5, -0.5],
  ];
  const layers = ['a', 'b'].map((name) => ({ type: 'dense', name, activation: 'tanh' }));
  const of = (params: object, more: object = {}) =>
    ask((q) => Object.assign(q, { layers, params, targets: new Array<number[]>(4).fill([1, 2]), ask: ['loss', 'gradients'], ...more }));
  const [plain, exchanged] = await Promise.all([
    of({ 'a.kernel': first, 'b.kernel': second }),
    of({ 'a.kernel': second, 'b.kernel': first }),
  ]);
  assert.notEqual(plain.loss, exchanged.loss);
  for (const [one, two] of [
    ['0.weight', '2.weight'],
    ['w1', 'w2'],
    ['fc1.weight', 'fc2.weight'],
    ['layer1.kernel', 'layer2.kernel'],
    ['net.2.weight', 'net.10.weight'],
    ['dense', 'dense_1'],
  ] as const) {
    const answer = await of({ [two]: second, [one]: first });
    assert.deepEqual([answer.loss, answer.param_order], [plain.loss, [two, one]], one);
    assert.deepEqual(answer.readAs, { [two]: 'b.kernel', [one]: 'a.kernel' });
    assert.deepEqual(answer.gradients[one], plain.gradients['a.kernel']);
    assert.equal((await of({ [two]: second, [one]: first }, { param_order: [two, one] })).loss, exchanged.loss);
  }
  assert.equal((await of({ readout: second, hidden: first })).loss, exchanged.loss); // as they stand
  assert.equal(
    (await of({ fc2: first, fc1: second }, { layers: ['fc2', 'fc1'].map((name) => ({ ...layers[0], name })) })).loss,
    exchanged.loss,
  );
  const own = { layers: ['l2', 'l1'].map((name) => ({ ...layers[0], name })) };
  assert.equal((await of({ 'l1.weight': second, 'l2.weight': first }, own)).loss, plain.loss);
  const biased = await of({ 'a.kernel': first, 'b.kernel': second, 'b.bias': bias });
  assert.equal((await of({ b2: bias, w2: second, w1: first })).loss, biased.loss);
  // sorted by name, which says nothing of encoder and decoder
  const parts = { 'decoder.0.weight': second, 'encoder.0.weight': first };
  await assert.rejects(of(parts), /params: must go by .* or by param_order: decoder\.0\.weight and encoder\.0\.weight could change places/);
  assert.equal((await of(parts, { param_order: Object.keys(parts).reverse() })).loss, plain.loss);
  assert.equal((await of(Object.fromEntries(Object.entries(parts).reverse()))).loss, plain.loss);
});

test('the matrix of a block stands in the order of param_order, as that of the whole', async () => {
  const order = ['l2.bias', 'l1.bias', 'l1.kernel', 'l2.kernel'];
  for (const param_order of [order, order.toReversed()]) {
    const answer = await ask((q) => Object.assign(q, { param_order, ask: [{ hessian: { matrix: true } }, { blocks: { matrix: true } }] }));
    const sizes: Record<string, number> = { 'l1.kernel': 6, 'l1.bias': 3, 'l2.kernel': 3, 'l2.bias': 1 };
    const owners = param_order.flatMap((name) => new Array<string>(sizes[name]!).fill(name));
    for (const [layer, { members, matrix }] of Object.entries<any>(answer.blocks)) {
      assert.deepEqual(
        members,
        param_order.filter((name) => name.startsWith(layer)),
      );
      const places = [...owners.keys()].filter((i) => owners[i]!.startsWith(layer));
      assert.deepEqual(
        matrix.data,
        places.flatMap((i) => places.map((j) => answer.hessian.matrix.data[i * 13 + j])),
      );
    }
  }
});

test('batch normalization: gradients of examples go through the statistics, metrics of single samples keep them, as the help says', async () => {
  const answer = await ask((q) => {
    q.layers.splice(1, 0, { type: 'batchnorm', name: 'n', affine: false });
    q.ask = ['gradients', { perSample: { gradients: true } }, 'sampleGradNorm', 'gradNoiseScale'];
  });
  const { data } = answer.perSample.gradients;
  const means = Array.from({ length: 13 }, (_, p) => [0, 1, 2, 3].reduce((sum, b) => sum + data[b * 13 + p] / 4, 0));
  const whole = Object.values<any>(answer.gradients).flatMap((tensor) => tensor.data);
  means.forEach((mean, p) => assert.ok(Math.abs(mean - whole[p]) < 1e-12));
  const norms: number[] = answer.perSample.gradientNorms;
  const samples = Array.isArray(answer.sampleGradNorm) ? answer.sampleGradNorm.flat() : [answer.sampleGradNorm];
  assert.ok(!samples.some((norm: number) => norms.some((own) => Math.abs(norm - own) < 1e-6)));
});
