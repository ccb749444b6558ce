/** @file The gradient of the expected loss where a closed form is known: two layers of thresholds against a teacher of the same kind. */
import type { Teacher } from '../data.ts';
import type { LayerSamples } from '../metrics/moments.ts';
import { populationGradient } from '../theory/thresholdNetworks.ts';
import type { RunPlan } from './plan.ts';

/** What of a run decides it before any data are there. */
export const hasPopulationGradient = ({ spec: { network, activation, loss, dataset } }: RunPlan): boolean =>
  network.kind === 'twoLayer' &&
  network.bias === false &&
  network.trained !== 'readout' &&
  activation.kind === 'threshold' &&
  loss.kind === 'meanSquaredError' &&
  dataset.kind === 'teacherStudent' &&
  dataset.teacher === 'threshold';

/** Of the hidden kernel [d, m], row-major. */
export function thresholdGradient(
  { spec: { network } }: RunPlan,
  [hidden, readout]: readonly LayerSamples[],
  teacher: Teacher,
): Float64Array {
  const { rows: d, columns: m, values } = hidden!.kernel;
  const scale = (network.width as number) ** -(network.exponent as number);
  const gradients = populationGradient(
    {
      weights: Array.from({ length: m }, (_, k) => Float64Array.from({ length: d }, (__, i) => values[i * m + k]!)),
      readout: Float64Array.from(readout!.kernel.values, (a) => scale * a),
    },
    teacher,
  );
  return Float64Array.from({ length: d * m }, (_, at) => gradients[at % m]![Math.floor(at / m)]!);
}
