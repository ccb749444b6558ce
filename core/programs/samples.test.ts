/** @file Metrics of a probe batch against one sample at a time: its own pass, its own gradient, loops over all of them. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { families, familySpec } from '../networks/families.fixture.ts';
import { alone, average, cosine, measured, middle, open, pairs } from './samples.fixture.ts';
import { assertClose, dot, norm } from './steps.fixture.ts';
import { parameterValues } from './weights.ts';

test('what layers hold and how samples’ gradients spread: one sample at a time, in every family', () => {
  for (const [title, network, dataset] of families) {
    const opened = open(familySpec(network, dataset, { metrics: { probeSize: 9 } }));
    const { plan, now, rows, train, pick } = opened;
    const { metrics } = measured(opened, now);
    const each = Array.from(rows, (row) => alone(opened, now, row));
    const layers = plan.network.layers.map((_, layer) => layer);
    const frozen = (layer: number) => plan.network.parameters.some((p) => p.layer === layer && p.frozen);
    const inputs = Array.from(rows, (row) => Array.from(pick(train.inputs, train.inputSize, [row])));
    const rms = (x: readonly number[]) => norm(x) / Math.sqrt(x.length);
    const activations = layers.map((layer) => each.map((one) => one.activation(layer)));
    const before = layers.map((layer) => each.map((one) => one.preActivation(layer)));
    const gram = (layer: number) => activations[layer]!.flatMap((x) => activations[layer]!.map((y) => dot(x, y)));
    const expected: Record<string, number[]> = {
      activationMedian: activations.map((all) => middle(all.map(rms))),
      activationGrowth: activations.map((all) => average(all.map((x, b) => Math.log(rms(x) ** 2) - Math.log(rms(inputs[b]!) ** 2)))),
      preActivationMean: before.map((all) => average(all.flat())),
      preActivationDeviation: before.map((all) => {
        const mean = average(all.flat());
        return Math.sqrt(average(all.flat().map((h) => (h - mean) ** 2)));
      }),
      sampleVarianceFraction: before.map((all) => {
        const variances = all[0]!.map((_, j) => average(all.map((h) => h[j]! ** 2)) - average(all.map((h) => h[j]!)) ** 2);
        return average(variances) / average(all.flat().map((h) => h * h));
      }),
      sampleCorrelation: activations.map((all) => average(pairs(all).map(([a, b]) => cosine(a, b)))),
      activationRank: layers.map((layer) => {
        const trace = activations[layer]!.reduce((sum, x) => sum + dot(x, x), 0);
        return trace ** 2 / gram(layer).reduce((sum, value) => sum + value * value, 0);
      }),
      argmaxDiversity: activations.map((all) => new Set(all.map((x) => x.indexOf(Math.max(...x)))).size),
    };
    if (opened.statistics === 0) {
      const gradients = layers.map((layer) => each.map((one) => one.gradient(layer)));
      const noise = gradients.map((all) => {
        const mean = all[0]!.map((_, i) => average(all.map((g) => g[i]!)));
        return {
          // over all pairs of different samples
          square: average(all.flatMap((g, i) => all.flatMap((other, j) => (i === j ? [] : [dot(g, other)])))),
          trace: all.reduce((sum, g) => sum + norm(g.map((value, i) => value - mean[i]!)) ** 2, 0) / (all.length - 1),
        };
      });
      const known = layers.filter((layer) => !frozen(layer));
      const or = (layer: number, value: number) => (frozen(layer) ? NaN : value);
      expected.sampleGradNorm = layers.map((layer) => or(layer, average(gradients[layer]!.map(norm))));
      expected.gradVariance = layers.map((layer) => or(layer, noise[layer]!.trace));
      expected.gradSignalToNoise = layers.map((layer) => or(layer, Math.max(0, noise[layer]!.square) / noise[layer]!.trace));
      const [trace, square] = (['trace', 'square'] as const).map((of) => known.reduce((sum, layer) => sum + noise[layer]![of], 0));
      expected.gradNoiseScale = [trace! / Math.max(0, square!)];
      expected.gradTailIndex = layers.map((layer) => {
        const mean = gradients[layer]![0]!.map((_, i) => average(gradients[layer]!.map((g) => g[i]!)));
        const centred = gradients[layer]!.map((g) => g.map((value, i) => value - mean[i]!));
        const sums = [0, 3, 6].map((k) => mean.map((_, i) => centred[k]![i]! + centred[k + 1]![i]! + centred[k + 2]![i]!));
        return or(layer, Math.log(3) / (average(sums.map((y) => Math.log(norm(y)))) - average(centred.map((x) => Math.log(norm(x))))));
      });
      expected.largestGradient = layers.map((layer) => {
        const all = each.map((one) => one.kernelGradient(layer));
        const size = Math.max(...all[0]!.map((_, i) => Math.abs(average(all.map((g) => g[i]!)))));
        return frozen(layer) ? metrics.largestGradient![layer]! : size; // a frozen kernel has no gradient in the run, but the probe has
      });
    }
    for (const [name, values] of Object.entries(expected)) {
      const known = values.flatMap((value, layer) => (Number.isNaN(value) ? [] : [layer]));
      assertClose(
        known.map((layer) => metrics[name]![layer]!),
        known.map((layer) => values[layer]!),
        1e-9,
        `${title}: ${name}`,
      );
      values.forEach((value, layer) =>
        assert.equal(Number.isNaN(metrics[name]![layer]), Number.isNaN(value), `${title}: ${name}[${layer}]`),
      );
    }
  }
});

test('what kernels receive: spans, contributions, derivatives and slopes by loops over a chain', () => {
  const lowRank = { kind: 'lowRank', inputs: 7, rank: 3, train: 40 };
  const mixture = { kind: 'gaussianMixture', classes: 3, inputs: 7, train: 40 };
  for (const [normalization, dataset, probeSize, rank] of [
    ['none', lowRank, 30, 3],
    ['batchNorm', lowRank, 30, 3],
    ['none', lowRank, 5, 3],
    ['none', mixture, 5, 5],
    ['none', mixture, 30, 7],
  ] as const) {
    const network = { kind: 'mlpChain', depth: 2, width: 4, normalization };
    const opened = open(familySpec(network, dataset, { metrics: { probeSize } }));
    const { plan, now, initial, rows } = opened;
    const { moment, metrics } = measured(opened, now);
    const each = Array.from(rows, (row) => alone(opened, now, row));
    const inputs = Array.from({ length: probeSize }, (_, b) => Array.from(moment.inputs.values.subarray(7 * b, 7 * b + 7)));
    const below = (layer: number) => (layer === 0 ? inputs : each.map((one) => one.activation(layer - 1)));
    plan.network.layers.forEach((_, layer) => {
      const weight = plan.network.parameters.find((p) => p.layer === layer && p.role === 'weight')!;
      const [w, w0] = [now, initial].map((of) => Array.from(parameterValues(plan, of)(weight)));
      const columns = weight.fanOut;
      const image = (x: readonly number[], kernel: readonly number[]) =>
        Array.from({ length: columns }, (_, j) => x.reduce((sum, value, i) => sum + value * kernel[i * columns + j]!, 0));
      const size = (kernel: readonly number[]) => average(below(layer).flatMap((x) => image(x, kernel).map(Math.abs)));
      assertClose([metrics.initialContribution![layer]!], [size(w0!)], 1e-9);
      assertClose([metrics.updateContribution![layer]!], [size(w!.map((value, i) => value - w0![i]!))], 1e-9);
      // the span: Gram-Schmidt over the (centred) rows, one after the other
      const centred = normalization === 'batchNorm' && layer < 2;
      const mean = below(layer)[0]!.map((_, i) => (centred ? average(below(layer).map((x) => x[i]!)) : 0));
      const basis: number[][] = [];
      for (const x of below(layer)) {
        let rest = x.map((value, i) => value - mean[i]!);
        for (let pass = 0; pass < 2; pass++) for (const q of basis) rest = rest.map((value, i) => value - dot(rest, q) * q[i]!);
        if (norm(rest) > 1e-9 * norm(x)) basis.push(rest.map((value) => value / norm(rest)));
      }
      let noise = w!;
      for (const q of basis) {
        const along = image(q, noise);
        noise = noise.map((value, at) => value - q[Math.floor(at / columns)]! * along[at % columns]!);
      }
      assert.equal(metrics.featureSpanRank![layer], basis.length);
      assertClose(
        [metrics.weightNoiseNorm![layer]!, metrics.weightNoiseFraction![layer]!],
        [norm(noise), (norm(noise) / norm(w!)) ** 2],
        1e-9,
      );
      const last = layer === plan.network.layers.length - 1;
      const slopes = each.flatMap((one) => one.activation(layer).map((x) => 1 - x * x)); // tanh
      assert.equal(metrics.saturatedFraction![layer], last ? NaN : average(slopes.map((slope) => (slope < 0.01 ? 1 : 0))));
      const units = Array.from({ length: columns }, (_, j) => each.map((one) => one.activation(layer)[j]!)).map((unit) =>
        unit.map((x) => x - average(unit)),
      );
      assertClose([metrics.unitCorrelation![layer]!], [average(pairs(units).map(([a, b]) => Math.abs(cosine(a, b))))], 1e-9);
    });
    assert.equal(metrics.featureSpanRank![0], rank);
    assert.equal(metrics.weightNoiseFraction![0]! > 0.1, rank < 7);
  }
});

test('behind batch normalization a sample’s derivatives are those of the evaluation: statistics stand still', () => {
  const opened = open(
    familySpec(
      { kind: 'mlpChain', depth: 1, width: 3, normalization: 'batchNorm', epsilon: 1e-5 },
      { kind: 'gaussianMixture', classes: 3, inputs: 4, train: 30 },
      { metrics: { probeSize: 5 } },
    ),
  );
  const { plan, now, rows, train, leading } = opened;
  const { moment } = measured(opened, now);
  const named = (name: string) => Array.from(parameterValues(plan, now)(plan.network.parameters.find((p) => p.name === name)!));
  const [w, scale, shift, v, c] = [
    'layer1.weight',
    'layer1.normalization.scale',
    'layer1.normalization.shift',
    'readout.weight',
    'readout.bias',
  ].map(named) as [number[], number[], number[], number[], number[]];
  const hidden = (x: readonly number[]) => [0, 1, 2].map((j) => x.reduce((sum, value, i) => sum + value * w[3 * i + j]!, 0));
  const sample = Array.from({ length: 10 }, (_, i) => hidden(Array.from(leading.subarray(4 * i, 4 * i + 4))));
  const deltas = Array.from(rows).flatMap((row) => {
    const h = hidden(Array.from(train.inputs.subarray(4 * row, 4 * row + 4)));
    const statistics = [0, 1, 2].map((j) => {
      const unit = sample.map((s) => s[j]!);
      return { mean: average(unit), deviation: Math.sqrt(average(unit.map((s) => (s - average(unit)) ** 2)) + 1e-5) };
    });
    const x = h.map((value, j) => Math.tanh((scale[j]! * (value - statistics[j]!.mean)) / statistics[j]!.deviation + shift[j]!));
    const f = [0, 1, 2].map((k) => x.reduce((sum, value, j) => sum + value * v[3 * j + k]!, c[k]!));
    const total = f.reduce((sum, value) => sum + Math.exp(value), 0);
    const chi = f.map((value, k) => Math.exp(value) / total - (k === train.labels![row] ? 1 : 0));
    return x.map(
      (value, j) => ((1 - value * value) * scale[j]! * chi.reduce((sum, d, k) => sum + d * v[3 * j + k]!, 0)) / statistics[j]!.deviation,
    );
  });
  assertClose(moment.layers[0]!.delta!.values, deltas, 1e-9);
});

test('the stream of a residual network is followed from its first layer, branches and readout are not', () => {
  const opened = open(
    familySpec(
      { kind: 'resnet', depth: 3, width: 4 },
      { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24 },
      { metrics: { probeSize: 6 } },
    ),
  );
  const { moment, metrics } = measured(opened, opened.now);
  const each = Array.from(opened.rows, (row) => alone(opened, opened.now, row));
  opened.plan.network.layers.forEach(({ name }, layer) => {
    const stream = name === 'input' || name.endsWith('.v');
    const moved = each.map((one) => norm(one.activation(layer).map((x, j) => x - one.activation(0)[j]!)) / norm(one.activation(0)));
    assert.ok(stream ? Math.abs(metrics.displacement![layer]! - average(moved)) < 1e-9 : Number.isNaN(metrics.displacement![layer]));
    assert.equal(Number.isFinite(metrics.streamGradientRatio![layer]), stream);
  });
  assert.equal(metrics.streamGradientRatio!.findLast(Number.isFinite), 1);
  // behind the last block only the readout: its δ through its kernel
  const layers = moment.layers;
  const [{ kernel, delta }, last] = [layers.at(-1)!, layers.findLast(({ stream }) => stream !== null)!];
  for (let b = 0; b < moment.samples; b++)
    for (let i = 0; i < kernel.rows; i++) {
      const through = dot(
        kernel.values.subarray(i * kernel.columns, (i + 1) * kernel.columns),
        delta!.values.subarray(b * delta!.size, (b + 1) * delta!.size),
      );
      assert.ok(Math.abs(last.streamDelta!.values[b * kernel.rows + i]! - through) < 1e-12);
    }
});

test('one sample has no spread, broken weights say NaN everywhere, zero weights give no exception', () => {
  const chain = { kind: 'mlpChain', depth: 1, width: 3 };
  const data = { kind: 'gaussianMixture', classes: 3, inputs: 4, train: 24 };
  const one = open(familySpec(chain, data, { metrics: { probeSize: 1 } }));
  const { metrics } = measured(one, one.now);
  for (const name of ['gradVariance', 'gradNoiseScale', 'gradTailIndex', 'sampleCorrelation'])
    assert.ok(metrics[name]!.every(Number.isNaN), name);
  assert.ok(
    metrics.activationRank!.every((rank) => Math.abs(rank - 1) < 1e-12) && metrics.sampleVarianceFraction!.every((share) => share === 0),
  );
  const many = open(familySpec(chain, data, { metrics: { probeSize: 8 } }));
  const filled = (value: number) => new Map([...many.now].map(([name, values]) => [name, values.map(() => value)]));
  for (const [name, values] of Object.entries(measured(many, filled(NaN)).metrics)) {
    const untouched = name === 'featureSpanRank' || name === 'initialContribution' ? values.slice(1) : values; // of the data, and the weights at step 0
    assert.ok(untouched.every(Number.isNaN), `${name}: ${values}`);
  }
  const zero = measured(many, filled(0)).metrics;
  assert.equal(zero.deltaNorm![0], 0);
  assert.ok(Number.isNaN(zero.sampleCorrelation![0]) && Number.isNaN(zero.weightNoiseFraction![0]));
});
