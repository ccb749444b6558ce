/** @file What is wrong with a spec although each field by itself is right: contradictions, each at its path with what would be allowed. */
import { entry } from './catalog.ts';
import type { NetworkPlan, ValueRange } from './define.ts';
import { sizeOf } from './graph/node.ts';
import type { HostInstrument } from './metrics/moments.ts';
import { depthPaths } from './programs/depthPaths.ts';
import { activationValues } from './programs/plan.ts';
import { calibrationOf, depthOf, scalingsOf } from './programs/scalings.ts';
import type { Spec } from './spec.ts';

/** Sizes taken for data that are only known once a worker has read the files. */
const unknownData = { inputs: 3072, outputs: 10, train: Infinity, heldOut: Infinity, imageShape: [32, 32, 3] } as const;

/** Parameters up to which every eigenvalue is computed, layers up to which every pair's block is: a row of either stays under 64 KiB. */
const exactLimit = 2_000;
const pairLimit = 100;

const named: Readonly<Record<ValueRange, string>> = { real: 'any numbers', signs: '-1 or 1', shares: 'from 0 to 1' };

export function specFaults(spec: Spec, most: { parameters: number; dataValues: number }): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = [];
  const refuse = (path: string, message: string) => faults.push({ path, message });
  const dataset = entry('dataset', spec.dataset.kind);
  const data = dataset.sizes(spec.dataset) ?? unknownData;
  let plan: NetworkPlan;
  try {
    plan = entry('network', spec.network.kind).plan(spec.network, data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: 'network', message: error.message }];
  }
  const parameters = plan.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (parameters > most.parameters)
    refuse('network', `must have at most ${most.parameters} parameters, got ${parameters}; lower depth or width`);

  for (const { field, message } of dataset.faults?.(spec.dataset) ?? []) refuse(`dataset.${field}`, message);
  const values = (data.train + data.heldOut) * data.inputs;
  if (dataset.generate && values > most.dataValues)
    refuse('dataset', `must hold at most ${most.dataValues} numbers, got ${values}; lower samples or inputs`);

  const misfit = entry('parameterization', spec.parameterization.kind).fault?.(depthOf(plan));
  if (misfit) refuse('parameterization', misfit);
  const eta = spec.optimizer.learningRate as number;
  const early = Math.max(eta, calibrationOf(spec)?.largest ?? eta);
  const rates = Array.from(scalingsOf(plan, spec).values(), ({ rate, decay }) =>
    Math.max(early * Math.max(rate[0], decay[0]), eta * Math.max(rate[1], decay[1])),
  );
  const largest = Math.max(...rates);
  const most32 = spec.runtime.precision === 'float32' ? 1e37 : 1e300;
  if (largest > most32)
    refuse(
      'parameterization',
      `the learning rate of a layer must be at most ${most32} in ${spec.runtime.precision}, got ${largest.toPrecision(3)}; lower width or depth, or raise baseWidth`,
    );

  const unfit = entry('init', spec.init.kind).fault?.(
    {
      activation: activationValues(entry('activation', spec.activation.kind), spec.activation),
      activationName: spec.activation.kind,
      repeats: Math.max(0, ...depthPaths(plan).map(({ length }) => length)),
      biased: plan.layers.every(
        ({ kind }, at) => kind === 'readout' || plan.parameters.some(({ layer, role }) => layer === at && role === 'bias'),
      ),
    },
    spec.init,
  );
  if (unfit) refuse('init', unfit);

  const { targets, range } = entry('loss', spec.loss.kind);
  if (targets !== 'either' && targets !== dataset.targets)
    refuse('loss', `${spec.loss.kind} takes ${targets}, but the data set ${spec.dataset.kind} has ${dataset.targets}`);
  else if (dataset.targets === 'values' && range && range(spec.loss) !== (dataset.range ?? 'real'))
    refuse(
      'loss',
      `${spec.loss.kind} takes values that are ${named[range(spec.loss)]}, but those of ${spec.dataset.kind} are ${named[dataset.range ?? 'real']}`,
    );

  const { enabled, exact, offDiagonal } = spec.curvature;
  if (enabled && exact && parameters > exactLimit)
    refuse('curvature.exact', `takes networks of at most ${exactLimit} parameters, got ${parameters}; the spectral density takes any`);
  if (enabled && offDiagonal && plan.layers.length > pairLimit)
    refuse('curvature.offDiagonal', `takes networks of at most ${pairLimit} layers, got ${plan.layers.length}`);

  const { host } = spec.metrics;
  for (const name of host === 'all' ? [] : host) {
    const { cost } = entry('metric', name);
    if (spec.metrics[cost as HostInstrument] === 'never')
      refuse('metrics.host', `${name} is measured by ${cost}, and metrics.${cost} is never`);
  }

  const regularizer = entry('regularizer', spec.regularizer.kind);
  const treated = plan.parameters.some(
    (parameter) => regularizer.treatment(parameter, plan.layers[parameter.layer]!, spec.regularizer) !== null,
  );
  if (spec.regularizer.kind !== 'none' && !treated)
    refuse(
      'regularizer',
      `${spec.regularizer.kind} has nothing to act on here: it takes weights in front of a normalization, so choose network.normalization batchNorm (or layerNorm with scope layer)`,
    );

  const own = entry('optimizer', spec.optimizer.kind).ownDecay?.(spec.optimizer) ?? 0;
  if (own > 0 && treated && spec.regularizer.coefficient !== 0)
    refuse(
      'regularizer',
      `${spec.optimizer.kind} decays the weights itself (optimizer.decay ${own}); set that to 0, or choose none in place of ${spec.regularizer.kind}`,
    );

  const dropout = regularizer.dropout?.(spec.regularizer) ?? 0;
  const { batchSize } = spec;
  faults.push(
    ...(entry('optimizer', spec.optimizer.kind).faults?.({ network: plan, data, batchSize, loss: spec.loss.kind, dropout }) ?? []),
  );

  const fullBatch = entry('optimizer', spec.optimizer.kind).fullBatch;
  if (!fullBatch && spec.batchSize > data.train)
    refuse('batchSize', `must be at most the ${data.train} training samples, got ${spec.batchSize}`);
  if (!fullBatch && spec.batchSize < 2 && spec.network.normalization === 'batchNorm')
    refuse('batchSize', 'batch normalization needs at least 2 samples a batch, got 1');
  if (spec.runtime.name === 'tensorflow' && spec.runtime.precision === 'float64')
    refuse('runtime.precision', 'tensorflow computes in float32 only; for float64 choose the runtime onnx or reference');
  return faults;
}
