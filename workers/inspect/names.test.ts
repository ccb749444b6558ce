/** @file The order in which names are read: by their numbers and roles, whatever order a file keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '#core/rng.ts';
import { readingOrder } from './names.ts';

const vectors = /(bias|beta|shift|offset|^b\d*|\/b)$/;
/** Vectors by their names, all else square. */
const parameters = (names: readonly string[]) => names.map((name) => ({ name, shape: vectors.test(name) ? [2] : [2, 2] }));
const read = (names: readonly string[]) => readingOrder(parameters(names)).order.map((i) => names[i]!);
const undecided = (names: readonly string[]) => readingOrder(parameters(names)).undecided;

test('names of every library are read layer by layer, in whatever order they come', () => {
  const layers = Array.from({ length: 12 }, (_, i) => i);
  const lists = [
    layers.flatMap((i) => [`net.${2 * i}.weight`, `net.${2 * i}.bias`]),
    layers.flatMap((i) => [`params/Dense_${i}/kernel`, `params/Dense_${i}/bias`]),
    layers.flatMap((i) => [`mlp/~/linear_${i}/w`, `mlp/~/linear_${i}/b`]),
    layers.flatMap((i) => [`w${i + 1}`, `b${i + 1}`]),
    layers.map((i) => (i === 0 ? 'dense/kernel:0' : `dense_${i}/kernel:0`)),
    layers.map((i) => (i === 0 ? 'kernel' : `kernel_${i}`)),
    layers.flatMap((i) => [`layer${i >> 2}.${i & 3}.conv.weight`, `layer${i >> 2}.${i & 3}.conv.bias`]),
    layers.map((i) => `theta${String(i).padStart(3, '0')}`),
    layers.map((i) => `p${10n ** 20n + BigInt(i)}`),
  ];
  const random = rng(5, 'test');
  for (const names of lists) {
    assert.deepEqual(read(names), names);
    assert.deepEqual(read(names.toSorted()), names);
    assert.equal(undecided(names.toSorted()), null, names.join());
    for (let i = 0; i < 20; i++) {
      const shuffled = names.map((name) => ({ name, at: random.uniform() })).toSorted((a, b) => a.at - b.at);
      assert.deepEqual(read(shuffled.map(({ name }) => name)), names);
    }
  }
});

test('what no number decides stays where it stood, a bias goes behind its kernel', () => {
  for (const [names, wanted] of [
    ['readout hidden', 'readout hidden'],
    ['k a w', 'k a w'],
    ['a b', 'a b'],
    ['kernel1 kernel2 gamma1', 'kernel1 kernel2 gamma1'],
    ['Norm_1 Dense_1 Norm_0 Dense_0', 'Norm_0 Dense_0 Norm_1 Dense_1'],
    ['in.bias out.bias in.weight out.weight', 'in.weight in.bias out.weight out.bias'],
    ['n.beta n.gamma n.bias n.kernel', 'n.gamma n.beta n.kernel n.bias'],
    ['h1.mlp h2.mlp h1.attention h2.attention', 'h1.mlp h1.attention h2.mlp h2.attention'],
  ] as const)
    assert.deepEqual(read(names.split(' ')), wanted.split(' '));
});

test('names that the alphabet brought into their order are told where no number decides between two of one shape', () => {
  assert.deepEqual(undecided(['decoder.0.weight', 'decoder.2.weight', 'encoder.0.weight']), ['decoder.2.weight', 'encoder.0.weight']);
  assert.deepEqual(undecided(['in.bias', 'in.weight', 'out.bias', 'out.weight']), ['in.weight', 'out.weight']);
  for (const told of ['encoder.0.weight decoder.0.weight', 'hidden.weight readout.weight', 'in.weight in.bias out.weight out.bias'])
    assert.equal(undecided(told.split(' ')), null, told);
});

test('many names and long ones take no longer than they are', () => {
  const many = Array.from({ length: 60_000 }, (_, i) => `net.${(i * 7919) % 60_000}.weight`);
  const started = performance.now();
  assert.equal(read(many)[59_999], 'net.59999.weight');
  read(['a1'.repeat(500_000), 'a1'.repeat(500_000).concat('b')]);
  assert.ok(performance.now() - started < 5_000);
});
