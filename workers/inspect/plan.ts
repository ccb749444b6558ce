/** @file A question's network as the plan of a run, so that the metrics and instruments of runs measure it. */
import { defaults } from '#core/catalog.ts';
import type { NetworkPlan, Parameter } from '#core/define.ts';
import { sizeOf } from '#core/graph/node.ts';
import { planRun, type RunPlan, type Stack } from '#core/programs/plan.ts';
import { parseSpec } from '#core/spec.ts';
import type { Session } from './answer.ts';

/** Kernels with what follows them: a normalization's scale and shift belong to the layer in front of it. */
export function weightLayers({ subject }: Pick<Session, 'subject'>) {
  const layers: { name: string; kernel: number; tap: number; members: number[] }[] = [];
  for (const block of subject.blocks)
    if (block.kernel >= 0) layers.push({ ...block, members: [...block.members] });
    else layers.at(-1)?.members.push(...block.members);
  return layers;
}

const roles = { kernel: 'weight', bias: 'bias', scale: 'scale', shift: 'shift' } as const;
/** The function of a polynomial network is a polynomial of its weights. */
const polynomials = ['linear', 'quadratic', 'cubic', 'hermite'];

/** Parameters under the names of the objective, in the order of the flat vector, each a stack of one. */
export function planOf({ subject, request, size }: Pick<Session, 'subject' | 'request' | 'size'>): RunPlan {
  const layers = weightLayers({ subject });
  const { outputShape, inputs } = subject;
  const data = {
    inputs: sizeOf(inputs.shape.slice(1)),
    outputs: sizeOf(outputShape.slice(1)),
    targets: subject.targets.dtype === 'int32' ? ('labels' as const) : ('values' as const),
  };
  const polynomial = subject.activations.every((name) => polynomials.includes(name));
  const base =
    subject.plan ??
    planRun(
      parseSpec({
        dataset: 'teacherNetwork',
        loss: 'meanSquaredError',
        activation: polynomial ? 'linear' : 'relu',
        network: { ...defaults('network', 'mlpChain'), depth: 1, width: 1, normalization: subject.normalized ? 'layerNorm' : 'none' },
      }),
      { ...data, targets: 'values' },
    );
  const { information: _, ...loss } = base.loss; // a stand-in's
  const parameters = subject.parameters.map(({ shape, data: { length } }, i): Parameter => {
    const role = roles[subject.roles[i]!];
    const own = role === 'weight' ? shape : [length];
    return {
      name: `parameter${i}`,
      role,
      shape: own,
      fanIn: sizeOf(own.slice(0, -1)),
      fanOut: own.at(-1)!,
      layer: layers.findIndex(({ members }) => members.includes(i)),
      frozen: subject.frozen[i]!,
      ...(subject.prunedBelow[i] === undefined ? {} : { prunedBelow: subject.prunedBelow[i] }),
    };
  });
  const stacks = parameters.map((parameter): Stack => ({
    name: parameter.name,
    role: parameter.role,
    shape: [1, ...parameter.shape],
    members: [parameter],
    treatment: null,
    frozen: parameter.frozen!,
  }));
  const kernels = parameters.filter(({ role }) => role === 'weight');
  const network: NetworkPlan = {
    parameters,
    layers: subject.kinds,
    forward(g, { x, parameter, activation, statisticsRows }) {
      const nodes = subject.parameters.map(({ shape }, i) => g.reshape(parameter(`parameter${i}`), shape));
      const pass = subject.forward(g, g.reshape(x, [-1, ...inputs.shape.slice(1)]), nodes, { activation, statisticsRows });
      return { ...pass, outputs: g.reshape(pass.outputs, [-1, data.outputs]), taps: layers.map(({ tap }) => pass.taps[tap]!) };
    },
  };
  return {
    ...base,
    precision: request.precision,
    network,
    stacks,
    data,
    activation: { ...base.activation, piecewiseLinear: subject.piecewiseLinear },
    loss: {
      ...loss,
      ...(subject.loss.information ? { information: subject.loss.information } : {}),
      each: (g, outputs, targets) =>
        subject.loss.each(
          g,
          g.reshape(outputs, [-1, ...outputShape.slice(1)]),
          targets.dtype === 'int32' ? targets : g.reshape(targets, [-1, ...outputShape.slice(1)]),
        ),
    },
    kernelOrder: Int32Array.from(layers, (_, layer) => kernels.findIndex((parameter) => parameter.layer === layer)),
    parameterCount: size,
  };
}
