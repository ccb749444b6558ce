/** @file The pictures of the catalog: every entry that computes something has one, and it shows the entry's own numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog, defaults } from './catalog.ts';
import { picture } from './pictures.ts';
import { optimizerPath, trainedPicture } from './trainedPictures.ts';

const of = (kind: 'activation' | 'init' | 'schedule' | 'loss' | 'dataset', name: string, options: object = {}) =>
  picture(kind, name, { ...defaults(kind, name), ...options });

for (const kind of ['activation', 'init', 'schedule', 'loss', 'dataset'] as const)
  for (const name of Object.keys(catalog[kind]))
    test(`${kind} ${name}: all that is drawn is finite and of one length`, () => {
      const drawn = of(kind, name);
      if (catalog[kind] === catalog.dataset && !catalog.dataset[name]!.generate) return assert.equal(drawn, null);
      assert.ok(drawn && drawn.caption.length > 5);
      const lists =
        drawn.form === 'curves'
          ? [drawn.x, ...drawn.curves.map(({ values }) => values)]
          : drawn.form === 'points'
            ? [drawn.x, drawn.y, drawn.groups]
            : drawn.form === 'images'
              ? drawn.images
              : drawn.form === 'histogram'
                ? [drawn.density]
                : [];
      assert.ok(lists.length > 0);
      for (const list of lists) {
        assert.equal(list.length, lists[0]!.length);
        assert.ok(list.every(Number.isFinite));
      }
      if (drawn.form === 'images') assert.equal(lists[0]!.length, drawn.side ** 2);
      if (drawn.form === 'histogram') {
        const area = drawn.density.reduce((sum, height, i) => sum + height * (drawn.edges[i + 1]! - drawn.edges[i]!), 0);
        assert.ok(Math.abs(area - 1) < 1e-12, `the histogram's area is ${area}`);
      }
    });

test('curves follow the options: the slope of a leaky ReLU below 0, the middle of a cosine', () => {
  const leaky = of('activation', 'leakyRelu', { slope: 0.3 });
  assert.ok(leaky?.form === 'curves');
  assert.deepEqual([leaky.x[0], leaky.curves[0]!.values[0], leaky.curves[1]!.values[0]], [-4, -1.2, 0.3]);
  const tanh = of('activation', 'tanh');
  assert.ok(tanh?.form === 'curves');
  const [value, first, second] = tanh.curves.map(({ values }) => values[200]!) as [number, number, number];
  assert.equal(value, Math.tanh(1));
  assert.ok(Math.abs(first - (1 - value ** 2)) < 1e-15 && Math.abs(second + 2 * value * first) < 1e-15);
});

for (const kind of ['optimizer', 'regularizer'] as const)
  for (const name of Object.keys(catalog[kind]))
    test(`${kind} ${name}: its steps are drawn, finite and of one length`, () => {
      const drawn = trainedPicture(kind, defaults(kind, name));
      assert.ok(drawn && (drawn.form === 'path' || drawn.form === 'curves'));
      const lists = drawn.form === 'path' ? [drawn.x, drawn.y] : [drawn.x, ...drawn.curves.map(({ values }) => values)];
      for (const list of lists) assert.ok(list.length === lists[0]!.length && list.length > 3 && list.every(Number.isFinite));
      if (drawn.form === 'path') assert.ok(Math.hypot(drawn.x.at(-1)!, drawn.y.at(-1)!) < 0.5, 'it comes closer to the minimum');
    });

test('the path of the heavy ball is its recursion on the quadratic, and ends said to have left where the step is too large', () => {
  const { path, end } = optimizerPath({ ...defaults('optimizer', 'momentum'), learningRate: 0.03, momentum: 0.7 });
  let [w, u] = [
    [0.5, 1],
    [0, 0],
  ];
  for (const [t, now] of path.entries()) {
    for (const i of [0, 1]) assert.ok(Math.abs(now[i]! - w[i]!) < 1e-12, `step ${t}: ${now}, ${w}`);
    u = u.map((value, i) => 0.7 * value + [15, 1][i]! * w[i]!);
    w = w.map((value, i) => value - 0.03 * u[i]!);
  }
  assert.equal(end, 'settled');
  const large = optimizerPath({ ...defaults('optimizer', 'sgd'), learningRate: 2.1 / 15 });
  assert.equal(large.end, 'left');
  assert.equal(optimizerPath({ ...defaults('optimizer', 'sgd'), learningRate: 1.9 / 15 }).end, 'settled');
});

test('the picture of weight rescaling stands still at the target, that of no regularizer grows', () => {
  const rescaled = trainedPicture('regularizer', {
    ...defaults('regularizer', 'weightRescaling'),
    scope: 'layer',
    target: 'value',
    targetValue: 3,
  });
  assert.ok(rescaled?.form === 'curves');
  const [held, free] = rescaled.curves.map(({ values }) => values);
  // the norm of step t is that after the rescaling of step t - 1
  assert.ok(held!.every((norm) => Math.abs(norm - 3) < 1e-12));
  assert.ok(free!.every((norm, t) => t === 0 || norm >= free![t - 1]!));
});

test('kinds without a picture have none', () => {
  assert.equal(trainedPicture('activation', { kind: 'relu' }), null);
  assert.equal(picture('optimizer', 'adam', { kind: 'adam' }), null);
  assert.equal(picture('metric', 'loss', { kind: 'loss' }), null);
});
