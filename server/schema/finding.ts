/** @file Finding: one measurement of a claim of a paper. The words of papers and claims are in the pages; here is what was measured. */
import { budgets } from '#core/papers/claim.ts';
import { findingStates } from '#core/protocol.ts';
import { refuse } from '../refusal.ts';
import { listFindings, readFinding } from '../store/findings.ts';
import type { FindingRow } from '../store/findings.ts';
import { builder } from './builder.ts';
import { Experiment } from './experiment.ts';
import { Person } from './person.ts';

const Budget = builder.enumType('Budget', { values: budgets });
const FindingState = builder.enumType('FindingState', { values: findingStates });

/** A share below this says little about the time left. */
const tellingShare = 0.02;

const Finding = builder.objectRef<FindingRow>('Finding').implement({
  description: 'One measurement of a claim of a paper.',
  fields: (t) => ({
    id: t.exposeID('id'),
    paper: t.exposeString('paper'),
    claim: t.exposeString('claim'),
    budget: t.field({ type: Budget, resolve: ({ budget }) => budget }),
    seed: t.exposeFloat('seed'),
    state: t.field({ type: FindingState, resolve: ({ state }) => state }),
    share: t.exposeFloat('share', { description: '0 to 1.' }),
    secondsLeft: t.float({
      nullable: true,
      description: 'By what is done so far; null before anything can be said, and when it has ended.',
      resolve: ({ state, share, startedAt }) =>
        state === 'measuring' && share > tellingShare ? ((Date.now() - startedAt.getTime()) / 1000) * (1 / share - 1) : null,
    }),
    finding: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Estimates and curves, so far while measuring; NaN and infinities are texts.',
      resolve: ({ finding }) => finding,
    }),
    verdict: t.exposeString('verdict', {
      nullable: true,
      description: 'reproduced, contradicted or inconclusive; null until it is measured.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it failed or was stopped.' }),
    by: t.exposeString('by', { description: 'What computed.' }),
    seconds: t.float({ resolve: ({ startedAt, endedAt }) => ((endedAt?.getTime() ?? Date.now()) - startedAt.getTime()) / 1000 }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    experimentId: t.exposeID('experimentId', { nullable: true }),
    experiment: t.field({
      type: Experiment,
      nullable: true,
      description: 'Of a claim that trains; null where it draws its numbers, or the experiment was deleted.',
      resolve: ({ experimentId }, _, { services }) => (experimentId ? services.store.experiment(experimentId) : null),
    }),
    author: t.field({
      type: Person,
      nullable: true,
      resolve: ({ authorId }, _, { loaders }) => (authorId ? loaders.person(authorId) : null),
    }),
  }),
});

builder.queryFields((t) => ({
  findings: t.field({
    type: [Finding],
    description: 'Of a paper, or of all: the newest 200.',
    args: { paper: t.arg.string() },
    resolve: (_, { paper }, { services }) => listFindings(services.client, paper ?? null),
  }),
  finding: t.field({
    type: Finding,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { services }) => readFinding(services.client, id),
  }),
}));

builder.mutationFields((t) => ({
  measureClaim: t.field({
    type: Finding,
    description: 'Begins to measure; of one that is being measured with the same budget and seed, that one.',
    args: {
      paper: t.arg.string({ required: true }),
      claim: t.arg.string({ required: true }),
      budget: t.arg({ type: Budget, required: true, defaultValue: 'quick' }),
      seed: t.arg.float({ required: true, defaultValue: 1 }),
    },
    resolve: (_, wish, { services, person }) => services.measurements.begin({ ...wish, authorId: person?.id ?? null }),
  }),
  stopFinding: t.field({
    type: Finding,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_, { id }, { services }) => (await services.measurements.stop(id)) ?? refuse(`no such finding: ${id}`, 'NOT_FOUND'),
  }),
}));

builder.subscriptionField('findingsChanged', (t) =>
  t.field({
    type: [Finding],
    description: 'Of a paper: the newest 200, at once and whenever one changes; at most twice a second.',
    args: { paper: t.arg.string({ required: true }) },
    subscribe: (_, { paper }, { services }) =>
      services.topics.follow(`findings:${paper.slice(0, 100)}`, async () => ({ findings: await listFindings(services.client, paper) })),
    resolve: (event) => (event as { findings: FindingRow[] }).findings,
  }),
);
