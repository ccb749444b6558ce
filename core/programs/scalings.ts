/**
 * @file What a parameterization comes to for the weights that are trained.
 *
 * The graph holds the effective weights w = m^-a W, so every parameterization has one forward pass. They start with m^-(a+b) times U; steps that
 * are proportional to the gradient take the rate η m^-(c+2a), as Gauss-Newton's to that of its own objective, steps that do not depend on its size
 * η m^-(c+a) with ε m^a, those of K-FAC η m^-c: exactly the training of W, but that K-FAC's damping is of the factors of w.
 */
import { entry } from '../catalog.ts';
import type { Calibration, NetworkPlan, Parameter, Scaling, ScalingRequest } from '../define.ts';
import type { Spec } from '../spec.ts';

export interface Factors {
  /** On what the init draws, and what is added to it. */
  readonly initial: number;
  readonly mean: number;
  /** Standard deviation where the parameterization draws the values itself. */
  readonly deviation: number | null;
  /** On the learning rate, in the first steps and later; the same for decay beside the optimizer. */
  readonly rate: readonly [first: number, later: number];
  readonly decay: readonly [first: number, later: number];
  readonly firstSteps: number;
  /** m^a: W = m^a w. */
  readonly unit: number;
  /** What is left of the initial weights after the first update. */
  readonly kept: number;
}

/** Hidden layers of a network: all but the last. */
export const depthOf = ({ layers }: NetworkPlan): number => layers.length - 1;

export const placeOf = (network: NetworkPlan, layer: number): ScalingRequest['place'] =>
  layer === depthOf(network) ? 'output' : layer === 0 ? 'input' : 'hidden';

const kernelOf = ({ parameters }: NetworkPlan, of: number): Parameter =>
  parameters.find(({ role, layer }) => role === 'weight' && layer === of)!;

/** The width m: what the readout reads. */
const widthOf = (network: NetworkPlan): number => kernelOf(network, depthOf(network)).fanIn;

/** Null where no rates are found on the data: not asked for, or not needed by an optimizer whose steps do not grow with the gradient. */
export function calibrationOf({ parameterization, optimizer }: Pick<Spec, 'parameterization' | 'optimizer'>): Calibration | null {
  if ((entry('optimizer', optimizer.kind).gradientPower ?? 1) < 1) return null;
  return entry('parameterization', parameterization.kind).calibration?.(parameterization) ?? null;
}

export function scalingsOf(network: NetworkPlan, spec: Pick<Spec, 'parameterization' | 'optimizer'>): Map<Parameter, Factors> {
  const parameterization = entry('parameterization', spec.parameterization.kind);
  const { gradientPower = 1, objective } = entry('optimizer', spec.optimizer.kind);
  const power = objective ? 2 : 1 + gradientPower;
  const depth = depthOf(network);
  const base = (spec.parameterization.baseWidth as number | undefined) ?? 1;
  const m = widthOf(network) / base;
  return new Map(
    network.parameters.map((parameter) => {
      const { role, layer, fanIn } = parameter;
      const place = placeOf(network, layer);
      const scaling = parameterization.scaling(
        { role, place, layer: layer + 1, fanIn: role === 'weight' ? fanIn : kernelOf(network, layer).fanIn, depth, gradientPower },
        spec.parameterization,
      );
      // what the init draws has the factor 1/√m already where the number of inputs is the width
      const drawn = role === 'weight' && place !== 'input' ? 0.5 : 0;
      return [parameter, factorsOf(scaling, { m, base, drawn, power })];
    }),
  );
}

function factorsOf(
  { a, b, c, rate = 1, first, mean = 0, deviation, kept = 0 }: Scaling,
  { m, base, drawn, power }: { m: number; base: number; drawn: number; power: number },
): Factors {
  const start = m ** -(a + b);
  const both = (of: (c: number) => number): [number, number] => [of(first?.c ?? c), of(c)];
  return {
    initial: m ** (drawn - a - b),
    mean: (mean * start) / Math.sqrt(base),
    deviation: deviation === undefined ? null : deviation * start,
    rate: both((of) => rate * m ** -(of + power * a)),
    decay: both((of) => rate * m ** -of),
    firstSteps: first?.steps ?? 1,
    unit: m ** a,
    kept: kept === Infinity ? 0 : m ** -kept,
  };
}
