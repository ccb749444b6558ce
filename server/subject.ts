/** @file What the server asks of core: to parse specs, expand grids, estimate cost, and show the catalog. The only server file that knows them. */
import { catalog } from '#core/catalog.ts';
import { canonical, expandGrid, hashSpec, parseSpec, SpecError } from '#core/spec.ts';
import type { Spec } from '#core/spec.ts';
import { estimateCost } from '#core/estimate.ts';
import { presets } from '#core/presets.ts';
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
  readonly grid: { path: string; values: unknown[] }[] | null;
  readonly runs: readonly PlannedRun[];
}

export interface Subject {
  cards(): readonly CatalogCard[];
  presets(): readonly PresetAnswer[];
  check(spec: unknown, grid: unknown): Promise<Check>;
  estimate(spec: unknown, grid: unknown): EstimateAnswer;
  /** Throws a GraphQL error with `extensions.issues`. */
  plan(spec: unknown, grid: unknown): Promise<Plan>;
}
