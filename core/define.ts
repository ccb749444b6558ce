/** @file What an entry of the catalog is: a card for people, fields for forms and specs, and a function. */
import type { Claim } from './papers/claim.ts';
import type { RecordedClaims } from './papers/findingJson.ts';
import type { Data, DataSize } from './data.ts';
import type { Evidence, Remedy } from './diagnoses/evidence.ts';
import type { Builder } from './graph/builder.ts';
import type { InitRequest, InitRun } from './initRequest.ts';
import type { Node, Shape } from './graph/node.ts';
import type { Seen } from './predictions/seen.ts';
import type { Layer, NetworkPlan, Parameter } from './networkPlan.ts';
import type { GramMoment, Recorded, SamplesMoment, StepMoment, WeightsMoment } from './metrics/moments.ts';
import type { OptimizerMoment } from './optimizers/moments.ts';
import type { RunPlan } from './programs/plan.ts';
import type { AfterContext } from './regularizers/moments.ts';
import type { RunResult } from './results.ts';
import type { Rng } from './rng.ts';
import type { Calibration, Scaling, ScalingRequest } from './scaling.ts';
import type { Solver } from './solver.ts';
import type { Spec } from './spec.ts';

export type { Data, DataSize, ImageShape } from './data.ts';
export type { InitRequest, InitRun } from './initRequest.ts';
export type { Layer, NetworkPlan, Parameter, ParameterRole, Pass, PassContext } from './networkPlan.ts';
export type { Seen } from './predictions/seen.ts';
export type { OptimizerMoment } from './optimizers/moments.ts';
export type { Calibration, Scaling, ScalingRequest } from './scaling.ts';

/** What people read about an entry: on the form, on its docs page, on the chart. Formula in LaTeX. */
export interface Card {
  /** File name = export name = database value = GraphQL value = URL segment. */
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  /** One or two plain sentences: what it is for and what to watch out for. */
  readonly about: string;
  /** Authors and year, or `definition`; `our choice` where no paper fixes it. */
  readonly source: string;
  readonly unit?: string;
}

interface FieldBase {
  readonly title: string;
  readonly about?: string;
  readonly symbol?: string;
  readonly unit?: string;
}
/** An option of an entry; the spec's parser, the form and the docs page are read off it. */
export type Field = FieldBase &
  (
    | {
        readonly type: 'integer' | 'number';
        readonly min: number;
        readonly max: number;
        readonly default: number;
        readonly log?: boolean;
        readonly exclusiveMin?: boolean;
      }
    | { readonly type: 'boolean'; readonly default: boolean }
    | { readonly type: 'choice'; readonly choices: readonly string[]; readonly default: string }
    | { readonly type: 'text'; readonly default: string; readonly maxLength: number }
  );
export type Fields = Readonly<Record<string, Field>>;

/** The values of the fields, with `kind` naming the entry: `{ kind: 'mlpChain', depth: 10, … }`. */
export type Options = Readonly<Record<string, string | number | boolean>> & { readonly kind: string };

export interface Entry {
  readonly card: Card;
  readonly fields: Fields;
}

export interface Activation extends Entry {
  apply(g: Builder, x: Node, options: Options): Node;
  /** True for φ that is linear between kinks: then every layer block of the Hessian equals the Gauss-Newton block. */
  readonly piecewiseLinear: boolean;
  /** φ is 0 on more than single points: a unit can be dead. */
  readonly switchesOff?: boolean;
}

export interface Init extends Entry {
  /** Draws one kernel in float64, row-major; the seed stream is already per layer. */
  draw(rng: Rng, request: InitRequest, options: Options): Float64Array;
  /** Draws kernels that repeat over depth (`block1.w`, `block2.w`, …) together, where their law ties them to each other. */
  drawSeries?(rng: Rng, requests: readonly InitRequest[], options: Options): readonly Float64Array[];
  /** Draws a bias; 0 without it. */
  bias?(rng: Rng, request: InitRequest, options: Options): Float64Array;
  /** Why it cannot serve a network and its activation, or null. */
  fault?(run: InitRun, options: Options): string | null;
  /** Rescales each kernel until its pre-activations have variance 1 on a batch of the data. */
  readonly unitVariance?: boolean;
}

export interface Network extends Entry {
  /** @throws RangeError where the data do not fit: a convolutional network wants images */
  plan(options: Options, data: DataSize): NetworkPlan;
}

export interface Optimizer extends Entry {
  /** Names of the per-parameter state tensors. */
  readonly slots: readonly string[];
  /** Names of the state that is one number per parameter tensor. */
  readonly memberSlots?: readonly string[];
  /** How what a slot holds grows with the unit of the gradient; as the gradient itself, 1, where nothing is said. */
  readonly slotPowers?: Readonly<Record<string, number>>;
  /** Numbers of step 1, 2, … that float32 would blur (1 - βᵗ for β near 1); computed in float64 on the host. */
  scalars?(step: number, options: Options): Readonly<Record<string, number>>;
  /** The decay it applies itself, beside any regularizer; two at once are refused. */
  ownDecay?(options: Options): number;
  /** True where every step uses the whole training set. */
  readonly fullBatch?: boolean;
  /** What it has solved on the host before some steps. */
  readonly solver?: Solver;
  /** A scalar [] whose gradient it sees in place of the loss's; solutions are those of the whole network. */
  objective?(g: Builder, outputs: Node, solution: OptimizerMoment['solution']): Node;
  /** What in a spec does not suit it. */
  faults?(run: {
    network: NetworkPlan;
    data: DataSize;
    batchSize: number;
    loss: string;
    dropout: number;
  }): { path: string; message: string }[];
  /** How the step grows with the unit of the gradient (its ε in the same unit): 1 as in SGD where nothing is said, 0 as in Adam, -1 as in Newton's method. */
  readonly gradientPower?: 0 | -1;
  update(g: Builder, moment: OptimizerMoment, options: Options): { readonly change: Node; readonly slots: Readonly<Record<string, Node>> };
}

/** How initial weights and learning rates depend on the width of the network. */
export interface Parameterization extends Entry {
  scaling(request: ScalingRequest, options: Options): Scaling;
  /** Where the rates of the first steps are to be found on the data. */
  calibration?(options: Options): Calibration | null;
  /** Why it cannot serve a network of so many hidden layers, or null. */
  fault?(depth: number): string | null;
}

export interface Schedule extends Entry {
  /** Factor on the base learning rate at update t = 0…steps-1, in float64 on the host. */
  factor(t: number, steps: number, options: Options): number;
}

export interface Clipping extends Entry {
  /** What the optimizer gets in place of the gradients of all stacks, before coupled decay; `norm` [] is that of all of them together. */
  clip?(
    g: Builder,
    gradients: readonly Node[],
    norm: Node,
    options: Options,
  ): {
    readonly gradients: readonly Node[];
    /** Share of the values that were changed, []. */
    readonly fraction: Node;
  };
}

export interface Regularizer extends Entry {
  /** Share of the units that each activation leaves out in a training step. */
  dropout?(options: Options): number;
  /** Coupled: what the optimizer sees instead of the gradient of the loss. */
  gradient?(g: Builder, weights: Node, gradient: Node, options: Options, treatment: string): Node;
  /** After the optimizer: the weights (and slots) that the step ends with. */
  after?(
    g: Builder,
    context: AfterContext,
    options: Options,
    treatment: string,
  ): {
    readonly weights: Node;
    readonly slots: Readonly<Record<string, Node>>;
    /** What it multiplies the learning rate by, [G, 1, …]: for the charts, `weights` has it already. */
    readonly rateFactor?: Node;
  };
  /** On the host, before step 0: weight rescaling may put the weights on their target norm first. */
  initial?(weights: Float64Array, shape: Shape, options: Options, treatment: string): Float64Array;
  /** What is done to this parameter, in the regularizer's own words; null where it is left alone. */
  treatment(parameter: Parameter, layer: Layer, options: Options): string | null;
}

export interface Loss extends Entry {
  /** `labels`: class indices int32 [B]; `values`: float targets [B, K]. */
  readonly targets: 'labels' | 'values' | 'either';
  /** Loss of each example, [B]; training minimizes their mean, evaluation sums them up over a data set. */
  each(g: Builder, outputs: Node, targets: Node, options: Options): Node;
  /**
   * Of a loss that is the negative logarithm of a probability: the Fisher information of each example's outputs times `moved` [B, K], the
   * expectation over targets that the model itself draws.
   */
  information?(g: Builder, outputs: Node, moved: Node): Node;
  /** What target values must be, where not any number will do. */
  range?(options: Options): ValueRange;
}

/** `signs` are -1 or 1, `shares` lie from 0 to 1. */
export type ValueRange = 'real' | 'signs' | 'shares';

export interface Dataset extends Entry {
  readonly targets: 'labels' | 'values';
  /** What the values are; any real numbers where it says nothing. */
  readonly range?: ValueRange;
  /** Options that contradict each other, though each by itself is right. */
  faults?(options: Options): readonly { readonly field: string; readonly message: string }[];
  /** Made from the seed alone… */
  generate?(rng: Rng, options: Options): { train: Data; heldOut: Data };
  /** …or parsed from files that a worker has read: names the files wanted, then parses their bytes. Throws on truncated, wrong-magic or mismatched files. */
  readonly files?: {
    wanted(options: Options): readonly string[];
    parse(files: ReadonlyMap<string, Uint8Array>, options: Options): { train: Data; heldOut: Data };
  };
  /** Sizes known before any data are made, for the estimate of cost and the network's plan; null for files. */
  sizes(options: Options): (DataSize & { train: number; heldOut: number }) | null;
}

/** A paper that is re-enacted here. */
export interface Paper extends Entry {
  /** Of the five that are re-enacted in depth: 1 to 5. Their neighbours have none. */
  readonly place?: number;
  readonly claims: readonly Claim[];
  /** What `plateau reproduce --record` wrote down: the verdicts to compare with, and figures before anybody measures. */
  readonly recorded: RecordedClaims;
}

/** A condition of a run, told from what it recorded. The card's formula is the rule. */
export interface Diagnosis extends Entry {
  /** The paper it goes back to, where that is re-enacted in core/papers. */
  readonly paper?: string;
  /** All that `examine` reads. */
  readonly metrics: readonly string[];
  /** Rows may be thinned out, so no neighbouring steps are compared. Null where nothing speaks for it; does not throw. */
  examine(run: RunResult): Evidence | null;
  /** What to try, most promising first. */
  remedies(spec: Spec): readonly Remedy[];
}

/** What theory expects of a metric, drawn over what was measured. */
export interface Prediction extends Entry {
  readonly metric: string;
  /** As it stands on the line. */
  readonly symbol: string;
  /** Of the initialization alone, or of every step. */
  readonly when: 'start' | 'always';
  /** Which assumptions this run does not meet, in words; empty where the prediction applies. */
  unmet(plan: RunPlan): readonly string[];
  /** Metrics whose rows it goes by, besides its own first one. */
  readonly reads?: readonly string[];
  /** A row as the metric's, NaN where nothing is said. `start` is the metric's own first row, where there is one; null where what it needs is missing. */
  expect(plan: RunPlan, step: number, start: readonly number[] | null, seen?: Seen): Expected | null;
}
export interface Expected {
  readonly value: readonly number[];
  /** Where 95% of runs would lie. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export type Axis = 'layer' | 'eigenvalue' | 'singularValue' | 'bin';

/** Fields of `spec.curvature` that switch instruments on. */
export type CurvatureSwitch =
  'blocks' | 'trace' | 'gaussNewton' | 'fisher' | 'density' | 'offDiagonal' | 'directions' | 'scaleFree' | 'exact';

export interface Metric extends Entry {
  readonly axes: readonly Axis[];
  /**
   * `step`: by-product of every step; `pass`: an extra forward pass; `product`: Hessian-vector products;
   * `weights`: float64 arithmetic on the host, from a snapshot of the weights; `samples`: from a pass forward and back on a probe batch;
   * `gram`: from one pass back for every output.
   */
  readonly cost: 'step' | 'pass' | 'product' | 'weights' | 'samples' | 'gram';
  /** Chart scale by default. */
  readonly scale: 'linear' | 'log' | 'symlog';
  /** `step` metrics: what they are made of (null where the run has no such quantity), finished on the host in float64 once a row is read back. */
  readonly step?: {
    parts(moment: StepMoment): readonly Recorded[] | null;
    finish(parts: readonly Float64Array[]): Float64Array;
  };
  /** `pass` and `product` metrics are filled by the procedure named here, which may fill several at once. */
  readonly procedure?: 'evaluation' | 'curvature';
  /** `weights` metrics: on the host, whenever that instrument is due. NaN where a layer has no such quantity. */
  readonly weights?: (moment: WeightsMoment) => Float64Array;
  readonly samples?: (moment: SamplesMoment) => Float64Array;
  readonly gram?: (moment: GramMoment) => Float64Array;
  /** Of curvature metrics: the field of `spec.curvature` that asks for it, or all of those that must; without one it is measured whenever curvature is. */
  readonly instrument?: CurvatureSwitch | readonly CurvatureSwitch[];
  /** False for runs that have no such quantity anywhere. */
  readonly applies?: (plan: RunPlan) => boolean;
  /** Why a run may have no such quantity: `no layer has a bias`. */
  readonly absent?: string;
  /** What else than the present it looks at: the weights at step 0, or those of the last measurement. */
  readonly since?: 'initial' | 'snapshot';
}
