/** @file All that speaks for anything in a run, with the specs to try against it. */
import { entry } from '../catalog.ts';
import type { Diagnosis, Metric } from '../define.ts';
import { hostInstruments } from '../metrics/moments.ts';
import type { RunResult } from '../results.ts';
import { parseSpec, SpecError, type Spec } from '../spec.ts';
import type { Evidence } from './evidence.ts';
import { diagnoses } from './index.ts';

export interface Finding {
  readonly diagnosis: Diagnosis;
  readonly evidence: Evidence;
  readonly remedies: readonly { readonly words: string; readonly spec: Spec }[];
}

const all: readonly Diagnosis[] = Object.values<Diagnosis>(diagnoses);

/** All metrics that some diagnosis reads. */
export const diagnosedMetrics: readonly string[] = [...new Set(all.flatMap(({ metrics: read }) => read))];

/** The spec changed as each remedy says; without those that do not fit the rest of it. */
export function tried(diagnosis: Diagnosis, spec: Spec): Finding['remedies'] {
  return diagnosis.remedies(spec).flatMap(({ words, change }) => {
    try {
      return [{ words, spec: parseSpec({ ...spec, ...change }) }];
    } catch (error) {
      if (error instanceof SpecError) return [];
      throw error;
    }
  });
}

/** Faults first. */
export function diagnose(run: RunResult): Finding[] {
  const found = all.flatMap((diagnosis) => {
    const evidence = diagnosis.examine(run);
    return evidence ? [{ diagnosis, evidence, remedies: tried(diagnosis, run.spec) }] : [];
  });
  return found.sort((a, b) => Number(a.evidence.severity === 'note') - Number(b.evidence.severity === 'note'));
}

/** A spec that records these metrics and nothing else, host instruments and curvature every so many steps. */
export function examined(spec: Readonly<Record<string, unknown>>, every: number, read: readonly string[] = diagnosedMetrics): Spec {
  const wanted = read.map((name) => entry('metric', name));
  const has = (cost: Metric['cost']) => wanted.some((metric) => metric.cost === cost);
  return parseSpec({
    ...spec,
    metrics: {
      step: read.filter((_, i) => wanted[i]!.cost === 'step'),
      evaluationEvery: 1_000_000,
      ...Object.fromEntries(hostInstruments.map((name) => [name, has(name) ? every : 'never'])),
    },
    curvature: {
      enabled: has('product'),
      every,
      topK: 1,
      blocks: wanted.some(({ instrument }) => instrument === 'blocks'),
      trace: false,
      directions: false,
      batchSize: 256,
    },
  });
}
