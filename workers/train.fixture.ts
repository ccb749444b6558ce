/** @file For the tests: trains a spec on the reference runtime and keeps everything that was said. */
import { entry } from '#core/catalog.ts';
import type { Runtime } from '#core/graph/program.ts';
import type { Desired, RunFacts } from '#core/protocol.ts';
import { rng } from '#core/rng.ts';
import { parseSpec, type Spec } from '#core/spec.ts';
import { openReference } from './runtimes/reference.ts';
import { train, type Outcome } from './train.ts';

export interface Told {
  readonly outcome: Outcome;
  /** metric → [step, row] in the order of arrival. */
  readonly rows: ReadonlyMap<string, (readonly [step: number, row: readonly number[]])[]>;
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
  readonly facts: RunFacts;
}

/** A network of a few dozen weights on a few dozen examples. */
export function tinySpec(changes: Record<string, unknown> = {}): Spec {
  return parseSpec({
    network: { kind: 'mlpChain', depth: 2, width: 4 },
    activation: 'tanh',
    dataset: { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 40, heldOut: 20 },
    batchSize: 8,
    steps: 12,
    metrics: { evaluationEvery: 5, weights: 4, samples: 4, gram: 4, probeSize: 16 },
    curvature: { enabled: false },
    checkpointEvery: 4,
    runtime: { name: 'reference', precision: 'float64' },
    ...changes,
  });
}

export const dataOf = (spec: Spec) => entry('dataset', spec.dataset.kind).generate!(rng(spec.seed, 'data'), spec.dataset);

/** @param desired what people want, asked at every call boundary with the number of rows told so far */
export async function trainTold(
  spec: Spec,
  {
    resume,
    desired = () => 'run',
    open = openReference,
  }: { resume?: Uint8Array; desired?: (steps: number) => Desired; open?: () => Runtime | Promise<Runtime> } = {},
): Promise<Told> {
  const rows = new Map<string, [number, number[]][]>();
  const checkpoints = new Map<number, Uint8Array>();
  let facts: RunFacts = {};
  const outcome = await train({
    spec,
    data: dataOf(spec),
    choose: async () => ({ runtime: await open(), table: [] }),
    sink: {
      append(metric, step, row) {
        if (!rows.has(metric)) rows.set(metric, []);
        rows.get(metric)!.push([step, Array.from(row)]);
      },
      log() {},
      facts: (more) => void (facts = { ...facts, ...more }),
      progress() {},
      checkpoint: (step, bytes) => void checkpoints.set(step, bytes),
    },
    control: { desired: () => desired(rows.get('loss')?.length ?? 0) },
    resume: resume ?? null,
  });
  return { outcome, rows, checkpoints, facts };
}
