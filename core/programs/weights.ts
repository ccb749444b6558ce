/** @file The weights of a step as the `weights` metrics see them: kernels as matrices, their singular values when asked for. */
import { catalog } from '../catalog.ts';
import { singularValues, type Matrix } from '../curvature/singular.ts';
import type { Metric, Parameter } from '../define.ts';
import type { Values } from '../graph/node.ts';
import { sizeOf } from '../graph/node.ts';
import { isLogit } from '../networkPlan.ts';
import type { HostInstrument, LayerWeights, WeightsMoment } from '../metrics/moments.ts';
import { depthPaths } from './depthPaths.ts';
import type { RunPlan } from './plan.ts';

/** Values of the stacks, by name. */
export type StackValues = ReadonlyMap<string, Values> | { get(name: string): Values | undefined };

/** One parameter's values in float64, cut off its stack. */
export function parameterValues({ stacks }: RunPlan, values: StackValues): (parameter: Parameter) => Float64Array {
  const places = new Map(stacks.flatMap(({ name, members }) => members.map((parameter, g) => [parameter.name, { name, g }] as const)));
  return ({ name, shape }) => {
    const place = places.get(name)!;
    const size = sizeOf(shape);
    return Float64Array.from(values.get(place.name)!.subarray(place.g * size, (place.g + 1) * size));
  };
}

/** A kernel as the matrix that its inputs meet: [in, out], of a convolution [kh·kw·in, out]. */
export function kernelMatrix({ shape }: Parameter, values: Float64Array): Matrix {
  const columns = shape.at(-1)!;
  return { rows: values.length / columns, columns, values };
}

/** @param last the weights when they were measured before; null at the first measurement */
export function weightsMoment(plan: RunPlan, now: StackValues, initial: StackValues, last: StackValues | null = null): WeightsMoment {
  const [present, first] = [parameterValues(plan, now), parameterValues(plan, initial)];
  const before = last && parameterValues(plan, last);
  const { layers: all, parameters } = plan.network;
  const layers = all.map((_, layer): LayerWeights => {
    const own = parameters.filter((parameter) => parameter.layer === layer);
    const weight = own.find(({ role }) => role === 'weight')!;
    const [kernel, start] = [kernelMatrix(weight, present(weight)), kernelMatrix(weight, first(weight))];
    const since = (old: Float64Array): Matrix => ({ ...kernel, values: kernel.values.map((value, i) => value - old[i]!) });
    const change = since(start.values);
    const logit = own.find(isLogit);
    const other = (wanted: Parameter['role']) => {
      const found = own.filter((of) => of.role === wanted && of !== logit).flatMap((parameter) => [...present(parameter)]);
      return found.length > 0 ? Float64Array.from(found) : null;
    };
    return {
      kernel,
      initial: start,
      change,
      singularValues: once(() => singularValues(kernel)),
      changeSingularValues: once(() => singularValues(change)),
      updateSingularValues: once(() => before && singularValues(since(before(weight)))),
      others: { bias: other('bias'), scale: other('scale'), shift: other('shift') },
      survival: logit ? survivalOf(logit, present(logit)[0]!) : null,
    };
  });
  return { layers, paths: depthPaths(plan.network).map((path) => path.map((layer) => layers[layer]!)) };
}

/** NaN where the logit is. */
const survivalOf = ({ prunedBelow }: Parameter, logit: number): number => (logit <= prunedBelow! ? 0 : 1 / (1 + Math.exp(-logit)));

/** The metrics of a host instrument that this run has and wants. */
export function hostMetrics(kind: HostInstrument, plan: RunPlan): Metric[] {
  const { host } = plan.spec.metrics;
  return Object.values(catalog.metric as Readonly<Record<string, Metric>>).filter(
    (metric) => metric[kind] !== undefined && (metric.applies?.(plan) ?? true) && (!Array.isArray(host) || host.includes(metric.card.name)),
  );
}

/** Made at the first call. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
