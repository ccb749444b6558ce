/** @file Annotation: a note anchored in data coordinates, with its thread of comments. Markdown is kept as it was typed. */
import { refuse, text } from '../refusal.ts';
import { builder } from './builder.ts';
import type { Context } from './builder.ts';
import { Person } from './person.ts';
import * as annotations from '../store/annotations.ts';
import type { AnnotationRow, CommentRow } from '../store/annotations.ts';
import { parseAnchor } from '../store/anchor.ts';

const bodyMax = 20_000;

const Comment = builder.objectRef<CommentRow>('Comment').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    annotationId: t.exposeID('annotationId'),
    body: t.exposeString('body'),
    author: t.field({ type: Person, resolve: ({ authorId }, _, { loaders }) => loaders.person(authorId) }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    editedAt: t.expose('editedAt', { type: 'DateTime', nullable: true }),
  }),
});

const Annotation = builder.objectRef<AnnotationRow>('Annotation').implement({
  description: 'A note on a point, an interval or a band of layers of a metric; `runId` null means every run of the experiment.',
  fields: (t) => ({
    id: t.exposeID('id'),
    experimentId: t.exposeID('experimentId'),
    runId: t.exposeID('runId', { nullable: true }),
    metric: t.exposeString('metric'),
    anchor: t.field({ type: 'JSON', resolve: ({ anchor }) => anchor }),
    body: t.exposeString('body'),
    author: t.field({ type: Person, resolve: ({ authorId }, _, { loaders }) => loaders.person(authorId) }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    editedAt: t.expose('editedAt', { type: 'DateTime', nullable: true }),
    resolved: t.exposeBoolean('resolved'),
    resolvedBy: t.field({
      type: Person,
      nullable: true,
      resolve: ({ resolvedById }, _, { loaders }) => (resolvedById ? loaders.person(resolvedById) : null),
    }),
    comments: t.field({ type: [Comment], resolve: ({ id }, _, { loaders }) => loaders.comments(id) }),
  }),
});

const AddAnnotationInput = builder.inputType('AddAnnotationInput', {
  fields: (t) => ({
    experimentId: t.id({ required: true }),
    runId: t.id(),
    metric: t.string({ required: true }),
    anchor: t.field({
      type: 'JSON',
      required: true,
      description: "{ kind: 'point' | 'interval' | 'layers', step?, fromStep?, toStep?, layer?, fromLayer?, toLayer?, value? }",
    }),
    body: t.string({ required: true }),
  }),
});

/** Writing needs somebody to write. */
function author({ person }: Context) {
  return person ?? refuse('writing a note needs the plateau_person cookie; open the page first', 'UNAUTHENTICATED');
}
const found = <T>(value: T | null | undefined, what: string, id: string): T =>
  value ?? refuse(`no such ${what}, or not yours: ${id}`, 'NOT_FOUND');

builder.queryField('annotations', (t) =>
  t.field({
    type: [Annotation],
    description: 'Oldest first.',
    args: { experimentId: t.arg.id({ required: true }) },
    resolve: (_, { experimentId }, { services }) => annotations.list(services.client.db, experimentId),
  }),
);

builder.mutationFields((t) => ({
  addAnnotation: t.field({
    type: Annotation,
    args: { input: t.arg({ type: AddAnnotationInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { services } = context;
      const added = await annotations.add(services.client.db, {
        experimentId: input.experimentId,
        runId: input.runId ?? null,
        metric: text('metric', input.metric, 64),
        anchor: parseAnchor(input.anchor),
        body: text('body', input.body, bodyMax),
        authorId: author(context).id,
      });
      return added ?? refuse(`no such experiment, or the run is not one of its: ${input.experimentId}`, 'NOT_FOUND');
    },
  }),
  editAnnotation: t.field({
    type: Annotation,
    args: { id: t.arg.id({ required: true }), body: t.arg.string({ required: true }) },
    resolve: async (_, { id, body }, context) =>
      found(await annotations.edit(context.services.client.db, id, author(context).id, text('body', body, bodyMax)), 'annotation', id),
  }),
  resolveAnnotation: t.field({
    type: Annotation,
    args: { id: t.arg.id({ required: true }), resolved: t.arg.boolean({ required: true }) },
    resolve: async (_, { id, resolved }, context) =>
      found(await annotations.resolve(context.services.client.db, id, author(context).id, resolved), 'annotation', id),
  }),
  deleteAnnotation: t.boolean({
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_, { id }, context) => annotations.remove(context.services.client.db, id, author(context).id),
  }),
  addComment: t.field({
    type: Comment,
    args: { annotationId: t.arg.id({ required: true }), body: t.arg.string({ required: true }) },
    resolve: async (_, { annotationId, body }, context) =>
      found(
        await annotations.addComment(context.services.client.db, annotationId, author(context).id, text('body', body, bodyMax)),
        'annotation',
        annotationId,
      ),
  }),
  editComment: t.field({
    type: Comment,
    args: { id: t.arg.id({ required: true }), body: t.arg.string({ required: true }) },
    resolve: async (_, { id, body }, context) =>
      found(await annotations.editComment(context.services.client.db, id, author(context).id, text('body', body, bodyMax)), 'comment', id),
  }),
  deleteComment: t.boolean({
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_, { id }, context) => annotations.removeComment(context.services.client.db, id, author(context).id),
  }),
}));

builder.subscriptionField('annotationsChanged', (t) =>
  t.field({
    type: [Annotation],
    description: 'All notes of the experiment, at once and after every change.',
    args: { experimentId: t.arg.id({ required: true }) },
    subscribe: async (_, { experimentId }, { services }) => {
      if (!(await services.store.experiment(experimentId))) refuse(`no such experiment: ${experimentId}`, 'NOT_FOUND');
      return services.topics.follow(`annotations:${experimentId}`, async () => ({
        annotations: await annotations.list(services.client.db, experimentId),
      }));
    },
    resolve: (event) => (event as { annotations: AnnotationRow[] }).annotations,
  }),
);
