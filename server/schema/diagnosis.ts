/** @file Diagnosis: a condition of a run, told from what it recorded, with the specs to try against it. */
import type { Finding } from '#core/diagnoses/diagnose.ts';
import { diagnosed } from '../store/diagnosed.ts';
import { builder } from './builder.ts';
import { Run } from './run.ts';

const Severity = builder.enumType('Severity', { values: ['fault', 'note'] as const, description: 'note: nothing need be wrong.' });

const Remedy = builder.objectRef<Finding['remedies'][number]>('Remedy').implement({
  fields: (t) => ({
    words: t.exposeString('words'),
    spec: t.field({ type: 'JSON', description: 'The spec of the run with that change.', resolve: ({ spec }) => spec }),
  }),
});

const Diagnosis = builder.objectRef<Finding>('Diagnosis').implement({
  description: 'A condition of a run, told from what it recorded.',
  fields: (t) => ({
    name: t.string({ resolve: ({ diagnosis }) => diagnosis.card.name }),
    title: t.string({ resolve: ({ diagnosis }) => diagnosis.card.title }),
    source: t.string({ resolve: ({ diagnosis }) => diagnosis.card.source }),
    paper: t.string({
      nullable: true,
      description: 'The paper it goes back to, where claims of it are measured here.',
      resolve: ({ diagnosis }) => diagnosis.paper,
    }),
    severity: t.field({ type: Severity, resolve: ({ evidence }) => evidence.severity }),
    words: t.string({ description: 'One sentence with its numbers.', resolve: ({ evidence }) => evidence.words }),
    numbers: t.field({ type: 'JSON', description: 'The same numbers by name.', resolve: ({ evidence }) => evidence.numbers }),
    layers: t.intList({
      description: 'Places of the layers, 0 at the bottom; empty where it is about the whole network.',
      resolve: ({ evidence }) => [...evidence.layers],
    }),
    fromStep: t.float({ resolve: ({ evidence }) => evidence.steps[0] }),
    toStep: t.float({ resolve: ({ evidence }) => evidence.steps[1] }),
    metrics: t.stringList({ description: 'What it was read from.', resolve: ({ diagnosis }) => [...diagnosis.metrics] }),
    remedies: t.field({ type: [Remedy], resolve: ({ remedies }) => [...remedies] }),
  }),
});

builder.objectField(Run, 'diagnoses', (t) =>
  t.field({
    type: [Diagnosis],
    description: 'Faults first. Read from at most 256 rows of each metric, so far as the run has come.',
    resolve: (run, _, { services }) => diagnosed(services.client, run),
  }),
);
