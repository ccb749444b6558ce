/** @file The catalog as data, and what a spec or a grid would mean: its faults, its cost. Presets. */
import { builder } from './builder.ts';
import type { CatalogCard, Check, EstimateAnswer, PresetAnswer } from '../subject.ts';

const CatalogEntry = builder.objectRef<CatalogCard>('CatalogEntry').implement({
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description:
        'network, activation, init, parameterization, optimizer, schedule, clipping, regularizer, loss, dataset, metric, diagnosis.',
    }),
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    formula: t.exposeString('formula', { description: 'LaTeX.' }),
    about: t.exposeString('about'),
    source: t.exposeString('source'),
    unit: t.exposeString('unit', { nullable: true }),
    fields: t.field({
      type: 'JSON',
      description: 'Options by name: type, bounds, default, title (core/define.ts, Fields).',
      resolve: ({ fields }) => fields,
    }),
    axes: t.stringList({ nullable: true, description: 'Of a metric.', resolve: ({ axes }) => (axes ? [...axes] : null) }),
    cost: t.exposeString('cost', { nullable: true, description: 'Of a metric: step, pass, product, weights, samples or gram.' }),
    scale: t.exposeString('scale', { nullable: true, description: 'Of a metric: linear, log or symlog.' }),
  }),
});

const SpecIssue = builder.objectRef<{ path: string; message: string }>('SpecIssue').implement({
  fields: (t) => ({ path: t.exposeString('path'), message: t.exposeString('message') }),
});

const SpecCheck = builder.objectRef<Check>('SpecCheck').implement({
  fields: (t) => ({
    ok: t.exposeBoolean('ok'),
    issues: t.field({ type: [SpecIssue], resolve: ({ issues }) => [...issues] }),
    spec: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The spec with every default filled in; null where it has faults.',
      resolve: ({ spec }) => spec,
    }),
    hash: t.exposeString('hash', { nullable: true }),
    runs: t.exposeInt('runs', { description: 'Runs the grid expands to; 0 where there are faults.' }),
  }),
});

const Estimate = builder.objectRef<EstimateAnswer>('Estimate').implement({
  description: 'Rough cost of all runs of the grid on one worker.',
  fields: (t) => ({
    runs: t.exposeInt('runs'),
    seconds: t.exposeFloat('seconds', { nullable: true }),
    parameters: t.exposeFloat('parameters', { nullable: true, description: 'Of the largest run.' }),
    bytes: t.exposeFloat('bytes', { nullable: true, description: 'Stored by all runs.' }),
    detail: t.field({
      type: 'JSON',
      description:
        'Of the largest run: memoryBytes, flopsPerStep; exact is false where the sizes of the data are not known yet. Of the first run: layerRates, the learning rates of layers in a row, null where all have the same.',
      resolve: ({ detail }) => detail,
    }),
  }),
});

const Preset = builder.objectRef<PresetAnswer>('Preset').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    question: t.exposeString('question'),
    spec: t.field({ type: 'JSON', resolve: ({ spec }) => spec }),
    grid: t.field({ type: 'JSON', nullable: true, resolve: ({ grid }) => grid }),
  }),
});

builder.queryFields((t) => ({
  catalog: t.field({ type: [CatalogEntry], resolve: (_, __, { services }) => [...services.subject.cards()] }),
  presets: t.field({ type: [Preset], resolve: (_, __, { services }) => [...services.subject.presets()] }),
  validateSpec: t.field({
    type: SpecCheck,
    args: { spec: t.arg({ type: 'JSON', required: true }), grid: t.arg({ type: 'JSON' }) },
    resolve: (_, { spec, grid }, { services }) => services.subject.check(spec, grid ?? null),
  }),
  estimate: t.field({
    type: Estimate,
    args: { spec: t.arg({ type: 'JSON', required: true }), grid: t.arg({ type: 'JSON' }) },
    resolve: (_, { spec, grid }, { services }) => services.subject.estimate(spec, grid ?? null),
  }),
}));
