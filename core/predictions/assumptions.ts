/** @file What predictions assume, as questions to a run: each answers with what is not met, in words, or with null. */
import type { RunPlan } from '../programs/plan.ts';

/** Most of what is assumed stands in the spec. */
export type Specified = Pick<RunPlan, 'spec'>;
export type Regularized = Pick<RunPlan, 'spec' | 'regularizer'>;
export type Fault = string | null;
export const unmet = (...faults: readonly Fault[]): readonly string[] => faults.filter((fault) => fault !== null);

const need = (met: boolean, words: string): Fault => (met ? null : words);

export const isChain = ({ spec }: Specified): Fault =>
  need(spec.network.kind === 'mlpChain', `needs an MLP chain, the network is ${spec.network.kind}`);

export const hasNormalization = ({ spec: { network } }: Specified, kind: string): Fault =>
  need((network.normalization ?? 'none') === kind, `needs normalization ${kind}, the network has ${network.normalization ?? 'none'}`);

export const hasActivation = ({ spec: { activation } }: Specified, kind: string): Fault =>
  need(activation.kind === kind, `needs the activation ${kind}, the run has ${activation.kind}`);

export const hasInit = ({ spec: { init } }: Specified, kind: string, distribution?: string): Fault =>
  need(
    init.kind === kind && (distribution === undefined || init.distribution === distribution),
    `needs the init ${kind}${distribution ? ` (${distribution})` : ''}, the run has ${init.kind}${init.distribution ? ` (${init.distribution})` : ''}`,
  );

export const isStandard = ({ spec: { parameterization } }: Specified): Fault =>
  need(parameterization.kind === 'standard', `needs the standard parameterization, the run has ${parameterization.kind}`);

/** Neither the parameterization nor the regularizer gives a layer a rate of its own. */
export const hasOneRate = (run: Specified): Fault =>
  isStandard(run) ??
  need(
    run.spec.regularizer.kind !== 'learningRateScaling',
    'needs one learning rate for all layers, learningRateScaling gives each its own',
  );

/** Plain SGD, with or without the whole data set, or the heavy ball. */
export const isSgdLike = ({ spec: { optimizer } }: Specified): Fault =>
  need(
    ['sgd', 'gradientDescent', 'momentum'].includes(optimizer.kind),
    `needs SGD, gradient descent or momentum, the optimizer is ${optimizer.kind}`,
  );

export const isConstantRate = ({ spec: { schedule } }: Specified): Fault =>
  need(
    schedule.kind === 'constant' && !(Number(schedule.warmupSteps ?? 0) > 0),
    `needs a constant learning rate, the schedule is ${schedule.kind}`,
  );

export const hasRegularizer = ({ spec: { regularizer } }: Specified, ...kinds: readonly string[]): Fault =>
  need(kinds.includes(regularizer.kind), `needs the regularizer ${kinds.join(' or ')}, the run has ${regularizer.kind}`);

export const withoutDropout = ({ spec, regularizer }: Regularized): Fault =>
  need(!((regularizer.dropout?.(spec.regularizer) ?? 0) > 0), 'needs a run without dropout');

/** A block that is left out gives its layers no gradient in that step, and its expectation is not what it was drawn as. */
export const takesAllBlocks = ({ spec: { network } }: Specified): Fault =>
  need(network.stochasticDepth !== true, 'needs blocks that take part in every step, the network has stochastic depth');

export const withoutClipping = ({ spec: { clipping } }: Specified): Fault =>
  need(clipping.kind === 'none', 'needs a run without gradient clipping');

export const isCentred = ({ spec: { parameterization } }: Specified): Fault =>
  need(
    Number(parameterization.mean ?? 0) === 0,
    `needs weights of mean 0, those of ${parameterization.kind} have ${Number(parameterization.mean ?? 0)}`,
  );

/** One factor for the whole gradient keeps its direction; a bound on each value does not. */
export const clipsValues = ({ spec: { clipping } }: Specified): Fault =>
  need(clipping.kind !== 'value', 'needs gradients in the span of the inputs, clipping by value leaves it');

export const hasInvariantLayers = ({ network: { layers } }: RunPlan): Fault =>
  need(
    layers.some(({ scaleInvariant }) => scaleInvariant !== false),
    'needs weights directly in front of a normalization, the network has none',
  );
