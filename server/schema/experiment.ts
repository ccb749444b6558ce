/** @file Experiment: a question, with a grid over fields of a spec and seeds; its runs. */
import { refuse, text, whole } from '../refusal.ts';
import { builder, StatusEnum } from './builder.ts';
import { Person } from './person.ts';
import { Run } from './run.ts';
import {
  createExperiment,
  deleteExperiment,
  experimentsLike,
  experimentsRecording,
  summarize,
  updateExperiment,
} from '../store/experiments.ts';
import type { ExperimentRow } from '../store/experiments.ts';
import { askOf } from '../store/runs.ts';

export const Experiment = builder.objectRef<ExperimentRow>('Experiment');
Experiment.implement({
  description: 'A question, with a grid over fields of a spec and seeds.',
  fields: (t) => ({
    id: t.exposeID('id'),
    title: t.exposeString('title'),
    question: t.exposeString('question', { description: 'Markdown.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    spec: t.field({ type: 'JSON', resolve: ({ spec }) => spec }),
    grid: t.field({ type: 'JSON', nullable: true, resolve: ({ grid }) => grid }),
    status: t.field({ type: StatusEnum, resolve: async ({ id }, _, { loaders }) => summarize(await loaders.counts(id)).status }),
    counts: t.field({
      type: 'JSON',
      description: 'Runs by status: { queued: 3, running: 1, … }.',
      resolve: async ({ id }, _, { loaders }) => summarize(await loaders.counts(id)).counts,
    }),
    progress: t.float({
      description: 'Steps done of all steps, 0 to 1; runs that have ended count whole.',
      resolve: async ({ id }, _, { loaders }) => summarize(await loaders.counts(id)).progress,
    }),
    runs: t.field({ type: [Run], resolve: ({ id }, _, { loaders }) => loaders.runs(id) }),
    author: t.field({
      type: Person,
      nullable: true,
      resolve: ({ authorId }, _, { loaders }) => (authorId ? loaders.person(authorId) : null),
    }),
    annotationsCount: t.int({ resolve: ({ id }, _, { loaders }) => loaders.annotationsCount(id) }),
  }),
});

const ExperimentUse = builder.objectRef<{ experiment: ExperimentRow; runs: number }>('ExperimentUse').implement({
  fields: (t) => ({
    experiment: t.field({ type: Experiment, resolve: ({ experiment }) => experiment }),
    runs: t.exposeInt('runs', { description: 'Runs of the experiment that use it.' }),
  }),
});

builder.queryFields((t) => ({
  experiments: t.field({
    type: [Experiment],
    description: 'Newest first. `filter` looks in title and question; `after` is the id of the last one seen.',
    args: { filter: t.arg.string(), first: t.arg.int({ defaultValue: 50, required: true }), after: t.arg.string() },
    resolve: (_, { filter, first, after }, { services }) =>
      services.store.experiments({ filter, first: whole('first', first, 1, 200), after }),
  }),
  experimentsUsing: t.field({
    type: [ExperimentUse],
    description: 'The newest experiments with runs that use an entry of the catalog, or record the metric.',
    args: {
      kind: t.arg.string({ required: true }),
      name: t.arg.string({ required: true }),
      first: t.arg.int({ defaultValue: 10, required: true }),
    },
    resolve: (_, args, { services: { client } }) => {
      const [kind, name, first] = [text('kind', args.kind, 40), text('name', args.name, 80), whole('first', args.first, 1, 100)];
      return kind === 'metric'
        ? experimentsRecording(client.db, name, first)
        : experimentsLike(client.db, { [kind]: { kind: name } }, first);
    },
  }),
  experiment: t.field({
    type: Experiment,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { services }) => services.store.experiment(id),
  }),
}));

const CreateExperimentInput = builder.inputType('CreateExperimentInput', {
  fields: (t) => ({
    title: t.string({ required: true }),
    question: t.string(),
    spec: t.field({ type: 'JSON', required: true }),
    grid: t.field({ type: 'JSON', description: '[{ path: "optimizer.learningRate", values: [0.1, 0.01] }, …]' }),
  }),
});

builder.mutationFields((t) => ({
  createExperiment: t.field({
    type: Experiment,
    args: { input: t.arg({ type: CreateExperimentInput, required: true }) },
    resolve: (_, { input }, { services, person }) =>
      createExperiment(services, {
        title: text('title', input.title, 200),
        question: text('question', input.question ?? '', 20_000, { empty: true }),
        spec: input.spec,
        grid: input.grid ?? null,
        authorId: person?.id ?? null,
      }),
  }),
  updateExperiment: t.field({
    type: Experiment,
    args: { id: t.arg.id({ required: true }), title: t.arg.string(), question: t.arg.string() },
    resolve: async (_, { id, title, question }, { services }) =>
      (await updateExperiment(services, id, {
        ...(title == null ? {} : { title: text('title', title, 200) }),
        ...(question == null ? {} : { question: text('question', question, 20_000, { empty: true }) }),
      })) ?? refuse(`no such experiment: ${id}`, 'NOT_FOUND'),
  }),
  deleteExperiment: t.boolean({
    description: 'With its runs, chunks and notes. Runs at work are stopped by their fence. False where there was none.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { services }) => deleteExperiment(services, id),
  }),
}));

for (const [name, desired] of [
  ['pauseExperiment', 'pause'],
  ['resumeExperiment', 'run'],
  ['stopExperiment', 'stop'],
] as const) {
  builder.mutationField(name, (t) =>
    t.field({
      type: Experiment,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_, { id }, { services }) => {
        const experiment = (await services.store.experiment(id)) ?? refuse(`no such experiment: ${id}`, 'NOT_FOUND');
        await askOf(services, { experimentId: id }, desired);
        return experiment;
      },
    }),
  );
}

builder.subscriptionFields((t) => ({
  experimentChanged: t.field({
    type: Experiment,
    description: 'At once, then whenever the experiment, a run or a status changes; at most twice a second.',
    args: { id: t.arg.id({ required: true }) },
    subscribe: async (_, { id }, { services }) => {
      if (!(await services.store.experiment(id))) refuse(`no such experiment: ${id}`, 'NOT_FOUND');
      return services.topics.follow(`experiment:${id}`, async () => {
        const experiment = await services.store.experiment(id);
        return experiment && { experiment };
      });
    },
    resolve: (event) => (event as { experiment: ExperimentRow }).experiment,
  }),
  experimentsChanged: t.field({
    type: [Experiment],
    description: 'The 50 newest, at once and whenever any of them changes; at most once a second.',
    subscribe: (_, __, { services }) =>
      services.topics.follow('experiments', async () => ({ experiments: await services.store.experiments({ first: 50 }) })),
    resolve: (event) => (event as { experiments: ExperimentRow[] }).experiments,
  }),
}));
