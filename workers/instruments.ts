/** @file The host instruments of a run: each reads what it needs from the runtime and makes its metrics in float64. */
import type { Axis } from '#core/define.ts';
import { hostInstruments, type HostInstrument } from '#core/metrics/moments.ts';
import type { Values } from '#core/graph/node.ts';
import type { Handle, Runtime } from '#core/graph/program.ts';
import { hostMetrics, weightsMoment } from '#core/programs/weights.ts';
import { createCurvatureSchedule, type CurvatureSchedule } from './curvatureSchedule.ts';
import type { PreparedRun } from './session.ts';

type Weights = Readonly<Record<string, Handle>>;

export interface Instrument {
  readonly name: HostInstrument;
  readonly schedule: CurvatureSchedule;
  readonly metrics: readonly { readonly name: string; readonly axes: readonly Axis[]; readonly width: number }[];
  /** Rows of its metrics at these weights. */
  measure(weights: Weights): Promise<{ metric: string; values: Float64Array }[]>;
}

export function openInstruments(runtime: Runtime, run: PreparedRun): Instrument[] {
  const { plan, initial } = run;
  const { metrics: wanted } = plan.spec;
  return hostInstruments.flatMap((name) => {
    const every = wanted[name];
    const metrics = hostMetrics(name, plan);
    if (every === 'never' || metrics.length === 0) return [];
    return {
      name,
      schedule: createCurvatureSchedule({ share: wanted.share, every }),
      metrics: metrics.map(({ card, axes }) => ({ name: card.name, axes, width: axes.length === 0 ? 1 : plan.network.layers.length })),
      async measure(weights) {
        const moment = weightsMoment(plan, await read(runtime, weights), initial);
        return metrics.map(({ card, weights: of }) => ({ metric: card.name, values: of!(moment) }));
      },
    };
  });
}

async function read(runtime: Runtime, weights: Weights): Promise<Map<string, Values>> {
  const values = new Map<string, Values>();
  for (const [name, handle] of Object.entries(weights)) values.set(name, await runtime.read(handle));
  return values;
}
