/** @file What the server asks of core: to parse specs, expand grids, estimate cost, and show the catalog. The only server file that knows them. */
import { catalog } from '#core/catalog.ts';
import { diagnoses } from '#core/diagnoses/index.ts';
import type { Entry, Metric } from '#core/define.ts';
import type { Claim } from '#core/papers/claim.ts';
import { claimOf } from '#core/papers/claimOf.ts';
import { estimateCost, type Estimate } from '#core/estimate.ts';
import { presets } from '#core/presets.ts';
import { groupOf, hashSpec, parseSpec, SpecError } from '#core/spec.ts';
import type { Spec } from '#core/spec.ts';
import { differingFields, gridSpecs } from '#core/sweep.ts';
import type { GridAxis } from '#core/sweep.ts';
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { refuse } from './refusal.ts';

export interface CatalogCard {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  readonly about: string;
  readonly source: string;
  readonly unit: string | null;
  readonly fields: unknown;
  readonly axes: readonly string[] | null;
  readonly cost: string | null;
  readonly scale: string | null;
}
export interface Check {
  readonly ok: boolean;
  readonly issues: readonly { path: string; message: string }[];
  readonly spec: unknown;
  readonly hash: string | null;
  readonly runs: number;
}
export interface EstimateAnswer {
  readonly runs: number;
  readonly seconds: number | null;
  readonly parameters: number | null;
  readonly bytes: number | null;
  readonly detail: unknown;
}
export interface PresetAnswer {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly spec: unknown;
  readonly grid: unknown;
}
export interface PlannedRun {
  readonly spec: Spec;
  readonly specHash: string;
  readonly seed: number;
  readonly group: string;
  readonly label: string;
  readonly steps: number;
}
export interface Plan {
  readonly spec: Spec;
  readonly grid: readonly GridAxis[] | null;
  readonly runs: readonly PlannedRun[];
}

export interface Subject {
  cards(): readonly CatalogCard[];
  presets(): readonly PresetAnswer[];
  check(spec: unknown, grid: unknown): Promise<Check>;
  estimate(spec: unknown, grid: unknown): Promise<EstimateAnswer>;
  /** Throws a GraphQL error with `extensions.issues`. */
  plan(spec: unknown, grid: unknown): Promise<Plan>;
  /** The same for specs that make no grid, one run each; the first stands for all. */
  planList(specs: readonly unknown[]): Promise<Plan>;
  claim(paper: string, claim: string): Claim | null;
}

/** How long one question may hold up the others. */
const sliceMs = 20;

/** All of them, with turns for others in between. */
async function unhurried<T>(items: Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  let since = performance.now();
  for (const item of items) {
    all.push(item);
    if (performance.now() - since < sliceMs) continue;
    await turn();
    since = performance.now();
  }
  return all;
}

const asGrid = (grid: unknown) => (grid ?? []) as readonly GridAxis[];

/** What tells a run from its siblings, the seed apart: "weightRescaling · learningRate 0.02". */
function labelsOf(specs: readonly Spec[]): string[] {
  const fields = differingFields(specs).filter(({ path }) => path !== 'seed');
  return specs.map((spec, at) => {
    const parts = fields.map(({ path, values }) => {
      const value = values[at];
      const kind = typeof value === 'object' && value !== null ? (value as { kind?: string }).kind : undefined;
      return kind ?? `${path.split('.').at(-1)} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    });
    return parts.join(' · ') || spec.network.kind;
  });
}

async function planned(specs: readonly Spec[]): Promise<PlannedRun[]> {
  const labels = labelsOf(specs);
  return Promise.all(
    specs.map(async (spec, at) => ({
      spec,
      specHash: await hashSpec(spec),
      seed: spec.seed,
      group: createHash('sha256').update(groupOf(spec)).digest('hex').slice(0, 16),
      label: labels[at]!,
      steps: spec.steps,
    })),
  );
}

async function plan(spec: unknown, grid: unknown): Promise<Plan> {
  try {
    return { spec: parseSpec(spec), grid: grid ? asGrid(grid) : null, runs: await planned(await unhurried(gridSpecs(spec, asGrid(grid)))) };
  } catch (error) {
    if (error instanceof SpecError) refuse(error.message, 'BAD_SPEC', { issues: error.issues });
    throw error;
  }
}

async function planList(list: readonly unknown[]): Promise<Plan> {
  const specs = list.map(parseSpec);
  return { spec: specs[0]!, grid: null, runs: await planned(specs) };
}

/** What a run costs does not depend on its seed. */
function* costsOf(specs: Iterable<Spec>): Generator<Estimate, void> {
  const known = new Map<string, Estimate>();
  for (const spec of specs) {
    const group = groupOf(spec);
    const cost = known.get(group) ?? estimateCost(spec);
    known.set(group, cost);
    yield cost;
  }
}

async function estimate(spec: unknown, grid: unknown): Promise<EstimateAnswer> {
  try {
    const runs = await unhurried(costsOf(gridSpecs(spec, asGrid(grid))));
    const sum = (key: 'seconds' | 'bytes') => runs.reduce((total, run) => total + run[key], 0);
    const most = (key: 'parameters' | 'memoryBytes' | 'flopsPerStep') => runs.reduce((top, run) => Math.max(top, run[key]), 0);
    return {
      runs: runs.length,
      seconds: sum('seconds'),
      bytes: sum('bytes'),
      parameters: most('parameters'),
      detail: {
        memoryBytes: most('memoryBytes'),
        flopsPerStep: most('flopsPerStep'),
        exact: runs.every(({ exact }) => exact),
        layerRates: runs[0]?.layerRates ?? null,
      },
    };
  } catch (error) {
    if (error instanceof SpecError) refuse(error.message, 'BAD_SPEC', { issues: error.issues });
    throw error;
  }
}

function cards(): CatalogCard[] {
  return Object.entries({ ...catalog, diagnosis: diagnoses }).flatMap(([kind, entries]) =>
    Object.values(entries as Record<string, Entry & Partial<Metric>>).map(({ card, fields, axes, cost, scale }) => ({
      kind,
      ...card,
      unit: card.unit ?? null,
      fields: fields ?? {},
      axes: axes ?? null,
      cost: cost ?? null,
      scale: scale ?? null,
    })),
  );
}

export const subject: Subject = {
  cards,
  presets: () => presets,
  plan,
  planList,
  claim: claimOf,
  estimate,
  async check(spec, grid) {
    try {
      const specs = await unhurried(gridSpecs(spec, asGrid(grid)));
      const base = parseSpec(spec);
      return { ok: true, issues: [], spec: base, hash: await hashSpec(base), runs: specs.length };
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      return { ok: false, issues: error.issues, spec: null, hash: null, runs: 0 };
    }
  },
};
