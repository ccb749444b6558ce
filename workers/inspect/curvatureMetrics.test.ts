/** @file Metrics of curvature by name against sums over the answer's own Hessian matrix. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binOf } from '#core/curvature/density.ts';
import { symmetricEigen } from '#core/curvature/symmetric.ts';
import { initialWeights, planRun } from '#core/programs/plan.ts';
import { parseSpec } from '#core/spec.ts';
import { ask, chain, close, norm } from './metrics.fixture.ts';

/** The weights that a catalog network without parameters is asked at. */
const initialOf = (spec: object, name: string): number[] => {
  const plan = planRun(
    parseSpec({ ...spec, dataset: 'teacherNetwork', loss: 'meanSquaredError', runtime: { precision: 'float64' } }),
    { inputs: 4, outputs: 3, targets: 'values' },
    { groupLimit: 0 },
  );
  return [...initialWeights(plan).get(name)!];
};
const byLayer = ['layer1', 'layer2', 'readout'];

test('norms of all blocks, densities, negative mass and directions equal sums over the matrix; frozen layers are left out', async () => {
  const spec = { ...chain.spec, network: { kind: 'mlpChain', depth: 2, width: 5, normalization: 'batchNorm' } };
  const frozen = { network: { kind: 'twoLayer', width: 3, trained: 'readout', bias: true }, activation: 'tanh', seed: 3 };
  for (const question of [
    { ...chain, spec },
    { ...chain, spec: frozen },
  ]) {
    const names = [
      ...['blockNorms', 'blockNormsError', 'hessianSpectrum', 'hessianDensity', 'hessianNegativeMass'],
      ...['gradientSharpness', 'scaleFreeSharpness', 'scaleFreeSharpnessResidual'],
    ];
    const answer = await ask({
      ...question,
      ask: [...names, 'blockTop', 'hessianBottom', 'hessianBottomResidual', 'hessianTrace', 'gradients', { hessian: { matrix: true } }],
    });
    const still = question.spec === frozen;
    const order = answer.param_order as string[];
    const places = order.flatMap((name) => answer.gradients[name].data.map(() => name)) as string[];
    const layerOf = (name: string) => (still ? ['hidden', 'readout'] : byLayer).indexOf(name.split('.')[0]!);
    const all = places.length;
    const h = (i: number, j: number) => answer.hessian.matrix.data[i * all + j] as number;
    const trained = places.flatMap((name, i) => (still && layerOf(name) === 0 ? [] : [i]));
    const layers = still ? 2 : 3;
    const inLayer = (l: number) => trained.filter((i) => layerOf(places[i]!) === l);
    close(
      answer.blockNorms.flat(),
      Array.from({ length: layers ** 2 }, (_, at) =>
        norm(inLayer(Math.floor(at / layers)).flatMap((i) => inLayer(at % layers).map((j) => h(i, j)))),
      ),
      'blockNorms',
    );
    // every column is taken
    assert.deepEqual(
      answer.blockNormsError,
      answer.blockNorms.map((row: number[]) => row.map(() => 0)),
    );
    const matrix = (rows: number[]) => Float64Array.from(rows.flatMap((i) => rows.map((j) => h(i, j))));
    const { values } = symmetricEigen(matrix(trained), trained.length);
    close(answer.hessianSpectrum, [...values], 'spectrum');
    close([answer.hessianBottom], [values.at(-1)!], 'bottom');
    assert.ok(answer.hessianBottomResidual < 1e-12, 'one number');
    close([answer.hessianTrace], [trained.reduce((sum, i) => sum + h(i, i), 0)], 'trace');
    const negative = values.reduce((sum, value) => sum - Math.min(value, 0), 0);
    close([answer.hessianNegativeMass], [negative], 'negative mass');
    const shares = new Array<number>(answer.hessianDensity.length).fill(0);
    for (const value of values) shares[binOf(value)]! += 1 / values.length;
    close(answer.hessianDensity, shares, 'density');
    const slope = order.flatMap((name) => answer.gradients[name].data as number[]);
    const along = trained.reduce((sum, i) => sum + slope[i]! * trained.reduce((s, j) => s + h(i, j) * slope[j]!, 0), 0);
    close([answer.gradientSharpness], [along / norm(trained.map((i) => slope[i]!)) ** 2], 'gradientSharpness');
    assert.equal(Number.isNaN(answer.blockTop[0]), still);
    if (still) {
      assert.equal(answer.scaleFreeSharpness, null);
      assert.equal(answer.scaleFreeSharpnessResidual, null);
      assert.equal(answer.absent.scaleFreeSharpnessResidual, answer.absent.scaleFreeSharpness);
    } else {
      assert.deepEqual(answer.scaleFreeSharpnessResidual.map(Number.isNaN), answer.scaleFreeSharpness.map(Number.isNaN));
      byLayer.slice(0, 2).forEach((layer, l) => {
        const kernel = trained.filter((i) => places[i] === `${layer}.weight`);
        const free = symmetricEigen(matrix(kernel), kernel.length).values[0]! * norm(initialOf(spec, `${layer}.weight`)) ** 2;
        close([answer.scaleFreeSharpness[l]], [free], 'scaleFreeSharpness');
        const residual = answer.scaleFreeSharpnessResidual[l] as number;
        assert.ok(residual > 0 && residual < 1e-10 * free, `${residual} of ${free}`);
      });
    }
  }
});
