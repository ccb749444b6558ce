/** @file Weights of files as other libraries write them: sorted by name, running statistics among them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';

/** A safetensors file of float64, in the order of the list. */
function tensorFile(tensors: readonly [name: string, shape: readonly number[], data: readonly number[]][]): Buffer {
  let at = 0;
  const header = tensors.map(([name, shape, data]) => [name, { dtype: 'F64', shape, data_offsets: [at, (at += 8 * data.length)] }]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.from(Float64Array.from(tensors.flatMap(([, , data]) => data)).buffer)]);
}

test('files sorted by name, as PyTorch and Flax write them, give the network that they were written from', async () => {
  const layers = Array.from({ length: 12 }, (_, i) => i);
  const numbers = (n: number, from: number) => Array.from({ length: n }, (_, i) => Math.sin(from + 1.7 * i));
  const transposed = (k: readonly number[]) => [k[0]!, k[2]!, k[1]!, k[3]!];
  type Written = [name: string, shape: number[], data: number[]];
  const question = (params: unknown, files: Record<string, Buffer>, more: object = {}): Promise<any> =>
    answerQuestion(
      {
        layers: layers.map((i) => ({ type: 'dense', name: `own${i}`, out: 2, activation: 'tanh' })),
        params,
        inputs: { shape: [3, 2], data: numbers(6, 50) },
        targets: { shape: [3, 2], data: numbers(6, 60) },
        loss: 'half_mse',
        ask: ['loss', 'outputs'],
        ...more,
      },
      filesGiven(new Map(Object.entries(files))),
    );
  for (const biased of [false, true]) {
    const named = layers.flatMap((i): [string, unknown][] => [
      [`own${i}.kernel`, { shape: [2, 2], data: numbers(4, i) }],
      ...(biased ? [[`own${i}.bias`, numbers(2, 100 + i)] as [string, unknown]] : []),
    ]);
    const truth = await question(Object.fromEntries(named), {});
    for (const [layout, stem, kernel] of [
      ['torch', (i: number) => `net.${2 * i}.`, 'weight'],
      ['plateau', (i: number) => `params/Dense_${i}/`, 'kernel'],
    ] as const) {
      const tensors = layers.flatMap((i): Written[] => [
        [stem(i) + kernel, [2, 2], layout === 'torch' ? transposed(numbers(4, i)) : numbers(4, i)],
        ...(biased ? [[`${stem(i)}bias`, [2], numbers(2, 100 + i)] as Written] : []),
      ]);
      const sorted = tensors.toSorted(([a], [b]) => (a < b ? -1 : 1));
      const answer = await question({ file: 'w' }, { w: tensorFile(sorted) }, { layout });
      assert.deepEqual([answer.loss, answer.outputs], [truth.loss, truth.outputs], `${layout} ${biased}`);
      assert.deepEqual(
        answer.param_order,
        sorted.map(([name]) => name),
      );
      assert.equal(answer.readAs[stem(10) + kernel], 'own10.kernel');
      const wanted = { layout, param_order: sorted.map(([name]) => name) };
      if (biased) await assert.rejects(question({ file: 'w' }, { w: tensorFile(tensors) }, wanted), /params: must be own0\.kernel/);
      else assert.notEqual((await question({ file: 'w' }, { w: tensorFile(tensors) }, wanted)).loss, truth.loss); // as it was asked for
    }
  }
});

test('weights at step 0 from a file of PyTorch: its running statistics are left out there too', async () => {
  const written = tensorFile([
    ['0.weight', [2], [1, 2]],
    ['0.bias', [2], [0, 1]],
    ['0.running_mean', [2], [5, 5]],
    ['1.weight', [1, 2], [1, -1]],
  ]);
  const question = {
    layers: [
      { type: 'batchnorm', affine: true },
      { type: 'dense', out: 1, bias: false },
    ],
    layout: 'torch',
    params: { file: 'w' },
    initial: { file: 'w' },
    inputs: [
      [1, 2],
      [3, -4],
    ],
    targets: [[0], [1]],
    loss: 'half_mse',
    ask: ['initialDistance'],
  };
  for (const param_order of [undefined, ['1.weight', '0.weight', '0.bias'], ['0.weight', '0.bias', '0.running_mean', '1.weight']]) {
    const given = filesGiven(new Map([['w', written]]));
    const answer = answerQuestion({ ...question, ...(param_order ? { param_order } : {}) }, given);
    if (param_order?.[0] === '1.weight') await assert.rejects(answer, /params: must be batchnorm0\.scale/);
    else assert.deepEqual((await answer).param_order, ['0.weight', '0.bias', '1.weight']);
  }
});

test('gates and scalars of residual networks of the catalog go by their names, sorted or inside of something larger', async () => {
  const numbers = (n: number, from: number) => Array.from({ length: n }, (_, i) => Math.sin(from + 1.7 * i));
  const dense = { kind: 'resnet', depth: 2, width: 3 };
  const convolutions = { kind: 'convolutionalResnet', stages: 2, channels: 2, normalization: 'none' };
  for (const [network, shape] of [
    [{ ...dense, gate: true }, [3, 5]],
    [{ ...dense, scalars: true }, [3, 5]],
    [{ ...dense, stochasticDepth: true }, [3, 5]],
    [{ ...convolutions, gate: true }, [3, 4, 4, 1]],
    [{ ...convolutions, scalars: true }, [3, 4, 4, 1]],
    [{ ...convolutions, scalars: true, stochasticDepth: true }, [3, 4, 4, 1]],
  ] as const) {
    const question = (params?: readonly [string, unknown][]): Promise<any> =>
      answerQuestion(
        {
          spec: { network, activation: 'tanh' },
          ...(params ? { params: Object.fromEntries(params) } : {}),
          inputs: {
            shape,
            data: numbers(
              shape.reduce<number>((size, n) => size * n, 1),
              5,
            ),
          },
          targets: [0, 1, 1],
          loss: 'softmax_ce',
          ask: ['outputs', 'gradients'],
        },
        filesGiven(new Map()),
      );
    const { gradients: slots } = (await question()) as { gradients: Record<string, { shape: number[]; data: number[] }> };
    const params = Object.entries(slots).map(([name, { shape: of, data }], at): [string, unknown] => [
      name,
      { shape: of, data: numbers(data.length, at) },
    ]);
    const truth = await question(params);
    const sorted = params.toSorted(([a], [b]) => (a < b ? -1 : 1));
    assert.notDeepEqual(sorted, params);
    const inside = sorted.map(([name, value]): [string, unknown] => [`model/${name}`, value]);
    for (const given of [sorted, inside]) {
      const { outputs, gradients } = await question(given);
      assert.deepEqual(outputs, truth.outputs, JSON.stringify(network));
      for (const [i, [name]] of sorted.entries()) assert.deepEqual(gradients[given[i]![0]], truth.gradients[name], name);
    }
  }
});
