/** @file Metrics of a step in every family of networks against loops over parameters that lie alone, with gradients of a graph of their own. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import type { Node, Shape } from '../graph/node.ts';
import { families, familySpec } from '../networks/families.fixture.ts';
import { createRandomRows, randomValues } from '../programs/random.ts';
import { dataShape, forwardPass, meanLoss, planRun, stackInputs, targetInput } from '../programs/plan.ts';
import { assertClose, dot, norm, openSteps } from '../programs/steps.fixture.ts';

const learningRate = 0.1;

for (const [title, network, dataset] of families)
  test(`${title}: norms, ratios, angles and losses of two steps equal loops over the parameters`, () => {
    const spec = familySpec('rate' in network ? { ...network, rate: 0 } : network, dataset, {
      optimizer: { kind: 'momentum', learningRate },
    });
    const steps = openSteps(spec);
    const { train } = steps.data;
    const plan = planRun(spec, dataShape(train), { groupLimit: 0 }); // every parameter alone
    const g = createBuilder('float64');
    const inputs = stackInputs(g, plan);
    const nodes = inputs.map(({ input }) => input);
    const random = createRandomRows(g);
    const drawn = { dropout: (node: Node) => node, uniform: (shape: Shape) => random.ask('uniform', shape) };
    const pass = forwardPass(g, plan, nodes, g.input('x', [spec.batchSize, train.inputSize]), spec.batchSize, drawn);
    const loss = meanLoss(g, plan, pass.outputs, targetInput(g, 'y', plan, spec.batchSize));
    const slopes = gradient(g, loss, nodes);
    const taps = pass.taps.map(({ activation }) => activation);
    for (let t = 0; t < 2; t++) {
      const { weights, next, metrics, batch } = steps.step();
      const pick = (row: number) => Array.from(train.inputs.subarray(row * train.inputSize, (row + 1) * train.inputSize));
      const labels = Int32Array.from(batch, (row) => train.labels![row]!);
      const draws = randomValues(random.rows, spec.seed, t, 1);
      const feeds = { ...Object.fromEntries(weights), ...draws, x: Float64Array.from([...batch].flatMap(pick)), y: labels };
      const values = evaluate([loss, pass.outputs, ...slopes, ...taps], feeds) as Float64Array[];
      const found = new Map(inputs.map(({ name }, i) => [name, values[2 + i]!]));
      const left = values.slice(2 + inputs.length);
      const kernels = plan.network.layers.map((_, layer) => {
        const { name, frozen } = plan.network.parameters.find((parameter) => parameter.layer === layer && parameter.role === 'weight')!;
        const w = weights.get(name)!;
        const slope = frozen ? new Float64Array(w.length) : found.get(name)!;
        return { w, slope, change: next.get(name)!.map((value, i) => value - w[i]!) };
      });
      const trained = plan.network.parameters.filter(({ frozen }) => !frozen).flatMap(({ name }) => [...found.get(name)!]);
      const outputs = values[1]!;
      const classes = outputs.length / spec.batchSize;
      const right = [...labels].filter((label, b) => {
        const row = Array.from(outputs.subarray(b * classes, (b + 1) * classes));
        return row.indexOf(Math.max(...row)) === label;
      });
      const last = norm(kernels.at(-1)!.slope);
      const expected: Record<string, number[]> = {
        loss: [values[0]![0]!],
        accuracy: [right.length / spec.batchSize],
        learningRate: [learningRate],
        gradientGlobalNorm: [norm(trained)],
        totalWeightNorm: [norm(kernels.map(({ w }) => norm(w)))],
        weightNorm: kernels.map(({ w }) => norm(w)),
        gradNorm: kernels.map(({ slope }) => norm(slope)),
        relativeGradNorm: kernels.map(({ w, slope }) => norm(slope) / norm(w)),
        gradRatio: kernels.map(({ slope }) => norm(slope) / last),
        updateNorm: kernels.map(({ change }) => norm(change)),
        updateRatio: kernels.map(({ w, change }) => norm(change) / norm(w)),
        effectiveLearningRate: kernels.map(({ w }) => learningRate / norm(w) ** 2),
        cosineWeightGradient: kernels.map(({ w, slope }) => dot(w, slope) / (norm(w) * norm(slope))),
        weightAngle: kernels.map(({ w, change }) => {
          const after = w.map((value, i) => value + change[i]!);
          return Math.acos(Math.min(1, dot(w, after) / (norm(w) * norm(after))));
        }),
        activationNorm: left.map((tap) => norm(tap) / Math.sqrt(tap.length)),
      };
      assert.deepEqual(Object.keys(metrics).sort(), Object.keys(expected).sort());
      for (const [name, wanted] of Object.entries(expected)) {
        const known = wanted.flatMap((value, layer) => (Number.isFinite(value) ? [layer] : []));
        const pickKnown = (row: ArrayLike<number>) => known.map((layer) => row[layer]!);
        assertClose(pickKnown(metrics[name]!), pickKnown(wanted), name === 'weightAngle' ? 1e-7 : 1e-9, `${title}: ${name}`); // acos loses half the digits
        wanted.forEach((value, layer) =>
          assert.equal(
            Number.isFinite(metrics[name]![layer]),
            Number.isFinite(value),
            `${title}: ${name}[${layer}] is ${metrics[name]![layer]}`,
          ),
        );
      }
    }
  });
