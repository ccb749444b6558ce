/** @file From a spec to its end: loads the data, chooses the runtime, trains. */
import type { Spec } from '#core/spec.ts';
import { loadData } from './datasets.ts';
import type { Probe } from './probe.ts';
import { choose } from './runtimes/choose.ts';
import { train, type Outcome, type Training } from './train.ts';

export interface SpecTraining extends Pick<Training, 'sink' | 'control'> {
  readonly spec: Spec;
  readonly resume: { readonly step: number; readonly bytes: Uint8Array } | null;
  /** What runtimes there are, where that is known: to look takes two processes. */
  readonly probe?: () => Promise<Probe[]>;
}

export async function trainSpec({ spec, sink, control, resume, probe }: SpecTraining): Promise<Outcome> {
  const { train: examples, heldOut } = await loadData(spec);
  return train({
    spec,
    data: { train: examples, heldOut },
    choose: (run) => choose(spec.runtime, run, probe),
    sink,
    control,
    resume: resume?.bytes ?? null,
  });
}
