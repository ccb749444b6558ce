/** @file Run: one training of one network from one spec, and what people may ask of it. */
import { refuse, whole } from '../refusal.ts';
import { builder, StatusEnum } from './builder.ts';
import { canonical } from '#core/spec.ts';
import type { Spec } from '#core/spec.ts';
import { askOf } from '../store/runs.ts';
import type { RunRow } from '../store/runs.ts';
import { sparkline } from '../store/sparkline.ts';

const RunMetric = builder.objectRef<{ name: string; axes: readonly string[]; width: number }>('RunMetric').implement({
  description: 'A metric the run records; `width` values per row, whose meaning is in `axes`.',
  fields: (t) => ({ name: t.exposeString('name'), axes: t.stringList({ resolve: ({ axes }) => [...axes] }), width: t.exposeInt('width') }),
});

export const Seam = builder.objectRef<{ step: number; attempt: number; reason: string; at: Date }>('Seam').implement({
  description: 'Where `attempt` took the run up again. Rows of older attempts at or after `step` no longer count.',
  fields: (t) => ({
    step: t.exposeFloat('step'),
    attempt: t.exposeInt('attempt'),
    reason: t.exposeString('reason'),
    at: t.expose('at', { type: 'DateTime' }),
  }),
});

const LogLine = builder.objectRef<{ at: Date; level: string; text: string }>('LogLine').implement({
  fields: (t) => ({ at: t.expose('at', { type: 'DateTime' }), level: t.exposeString('level'), text: t.exposeString('text') }),
});

/** For a POSIX shell: between single quotes nothing is special but the quote itself. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function commandOf({ spec, facts }: Pick<RunRow, 'spec' | 'facts'>): string {
  const flags = (['runtime', 'device', 'precision'] as const).flatMap((name) => (facts[name] ? [`--${name}`, quoted(facts[name])] : []));
  return [`printf %s ${quoted(canonical(spec as Spec))} | npx plateau run -`, ...flags].join(' ');
}

export const Run = builder.objectRef<RunRow>('Run');
Run.implement({
  description: 'One training of one network from one spec, the seed included.',
  fields: (t) => ({
    id: t.exposeID('id'),
    experimentId: t.exposeID('experimentId'),
    spec: t.field({ type: 'JSON', resolve: ({ spec }) => spec }),
    specHash: t.exposeString('specHash', { description: 'SHA-256 of the canonical spec.' }),
    seed: t.exposeFloat('seed'),
    status: t.field({ type: StatusEnum, resolve: ({ status }) => status }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why the run is in this status, for people.' }),
    desired: t.exposeString('desired', { description: 'run, pause or stop: what people last asked; the worker obeys at its next call.' }),
    step: t.exposeFloat('step'),
    steps: t.exposeFloat('steps'),
    attempt: t.exposeInt('attempt'),
    worker: t.exposeString('worker', { nullable: true }),
    runtime: t.string({ nullable: true, resolve: ({ facts }) => facts.runtime }),
    device: t.string({ nullable: true, resolve: ({ facts }) => facts.device }),
    precision: t.string({ nullable: true, resolve: ({ facts }) => facts.precision }),
    runtimeVersion: t.string({ nullable: true, resolve: ({ facts }) => facts.runtimeVersion }),
    runtimeTable: t.field({ type: 'JSON', nullable: true, resolve: ({ facts }) => facts.runtimeTable }),
    layers: t.field({ type: 'JSON', nullable: true, resolve: ({ facts }) => facts.layers }),
    metrics: t.field({
      type: [RunMetric],
      resolve: async (run, _, { loaders }) => {
        if (run.facts.metrics) return [...run.facts.metrics];
        return (await loaders.heads(run.id)).map(({ metric, width }) => ({ name: metric, axes: [], width }));
      },
    }),
    parameters: t.float({ nullable: true, resolve: ({ facts }) => facts.parameters }),
    host: t.string({ nullable: true, resolve: ({ facts }) => facts.host }),
    finals: t.field({ type: 'JSON', nullable: true, resolve: ({ finals, facts }) => finals ?? facts.finals }),
    sparkline: t.floatList({
      nullable: { list: false, items: true },
      description: 'At most 60 losses over the whole run; null where the loss is not a number.',
      resolve: (run, _, { services }) => sparkline(services.client, run),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    stepsPerSecond: t.float({ nullable: true, resolve: ({ facts }) => facts.stepsPerSecond }),
    curvatureShare: t.float({ nullable: true, resolve: ({ facts }) => facts.curvatureShare }),
    curvatureBatch: t.int({ nullable: true, resolve: ({ facts }) => facts.curvatureBatch }),
    seams: t.field({ type: [Seam], resolve: ({ id }, _, { loaders }) => loaders.seams(id) }),
    log: t.field({
      type: [LogLine],
      args: { last: t.arg.int({ defaultValue: 200, required: true }) },
      resolve: ({ id }, { last }, { services }) => services.store.log(id, whole('last', last, 1, 2000)),
    }),
    group: t.exposeString('group', { description: 'Equal for runs that differ in nothing but the seed.' }),
    label: t.exposeString('label', { description: 'The fields in which this run differs from the others of its experiment.' }),
    command: t.string({
      description: 'Trains the same spec again in a terminal, pinned to the runtime this run used.',
      resolve: commandOf,
    }),
  }),
});

builder.queryField('run', (t) =>
  t.field({
    type: Run,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { services }) => services.store.run(id),
  }),
);

for (const [name, desired] of [
  ['pauseRun', 'pause'],
  ['resumeRun', 'run'],
  ['stopRun', 'stop'],
] as const) {
  builder.mutationField(name, (t) =>
    t.field({
      type: Run,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_, { id }, { services }) => {
        const run = await askOf(services, { runId: id }, desired);
        return run[0] ?? refuse(`no such run: ${id}`, 'NOT_FOUND');
      },
    }),
  );
}
