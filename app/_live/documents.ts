/** @file Shapes of the server's answers that several pages read; the words are those of server/schema.graphql. */
import type { Status } from '#core/protocol.ts';

export interface RunBrief {
  readonly id: string;
  readonly label: string;
  readonly seed: number;
  readonly status: Status;
  readonly reason: string | null;
  readonly step: number;
  readonly steps: number;
  readonly sparkline: readonly (number | null)[];
}

export interface ExperimentBrief {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly createdAt: string;
  readonly status: Status;
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  readonly progress: number;
  readonly annotationsCount: number;
  readonly runs: readonly RunBrief[];
}

export const experimentFields = `id title question createdAt status counts progress annotationsCount
  runs { id label seed status reason step steps sparkline }`;

export interface PresetAnswer {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly spec: Record<string, unknown>;
  readonly grid: { path: string; values: unknown[] }[];
}

export const presetsQuery = '{ presets { name title question spec grid } }';
export const createExperiment = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { id } }`;
