/** @file MetricWindow and metric chunks: any zoom of a metric's history in one query, and the live stream after a cursor. */
import { refuse } from '../refusal.ts';
import { builder } from './builder.ts';
import { Seam } from './run.ts';
import { decodeCursor } from '../live/cursor.ts';
import type { Page, PageChunk } from '../live/pages.ts';
import { metricWindow } from '../store/windows.ts';
import type { Window } from '../store/windows.ts';

const maxMetrics = 64;
const namePattern = /^[a-z][a-zA-Z0-9.]{0,63}$/;
const base64 = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

function metricName(name: string): string {
  return namePattern.test(name) ? name : refuse(`metric must match ${namePattern.source}, got ${JSON.stringify(name.slice(0, 80))}`);
}

const MetricWindow = builder.objectRef<Window>('MetricWindow').implement({
  description:
    'Rows of a metric at the level of detail that fits the pixels. Arrays are base64 of little-endian typed arrays. Level 0 gives rows as they were recorded; above it each row is a bucket of `bucketSteps` steps at a fixed boundary.',
  fields: (t) => ({
    metric: t.exposeString('metric'),
    width: t.exposeInt('width'),
    level: t.exposeInt('level'),
    bucketSteps: t.exposeFloat('bucketSteps'),
    from: t.exposeFloat('from', { description: 'First step asked for, clipped to what there is.' }),
    to: t.exposeFloat('to', { description: 'Last step asked for, clipped to what there is; inclusive.' }),
    rows: t.exposeInt('rows', { description: 'Rows in the arrays.' }),
    min: t.string({
      description: 'Float32 [rows][width], of the finite values; NaN where there is none.',
      resolve: ({ min }) => base64(min),
    }),
    max: t.string({ description: 'Float32 [rows][width]', resolve: ({ max }) => base64(max) }),
    mean: t.string({ description: 'Float32 [rows][width]', resolve: ({ mean }) => base64(mean) }),
    last: t.string({ description: 'Float32 [rows][width], finite or not.', resolve: ({ last }) => base64(last) }),
    nonFinite: t.string({
      description: 'Uint8 [rows][width], flags: 1 a NaN, 2 a +Infinity, 4 a -Infinity was in the bucket.',
      resolve: ({ nonFinite }) => base64(nonFinite),
    }),
    firstSteps: t.string({
      description: 'Float64 [rows]: the step of the row (level 0), the first step of the bucket (above).',
      resolve: ({ firstSteps }) => base64(firstSteps),
    }),
    totalRows: t.exposeFloat('totalRows', { description: 'Rows recorded in the range; an estimate above level 0.' }),
    shownRows: t.exposeInt('shownRows'),
    cursor: t.exposeString('cursor', { description: 'For metricChunks: what comes after this window.' }),
    seams: t.field({ type: [Seam], resolve: ({ seams }) => [...seams] }),
  }),
});

builder.queryField('metricWindow', (t) =>
  t.field({
    type: MetricWindow,
    args: {
      runId: t.arg.id({ required: true }),
      metric: t.arg.string({ required: true }),
      fromStep: t.arg.float(),
      toStep: t.arg.float(),
      pixels: t.arg.int({ defaultValue: 800, required: true }),
    },
    resolve: async (_, { runId, metric, fromStep, toStep, pixels }, { services }) => {
      if (pixels < 1) refuse(`pixels: at least 1, got ${pixels}`);
      if (fromStep != null && toStep != null && fromStep > toStep)
        refuse(`fromStep must not be after toStep, got ${fromStep} and ${toStep}`);
      const window = await metricWindow(services.client, {
        runId,
        metric: metricName(metric),
        fromStep: fromStep ?? null,
        toStep: toStep ?? null,
        pixels: Math.min(pixels, 4096),
      });
      return window ?? refuse(`no such run: ${runId}`, 'NOT_FOUND');
    },
  }),
);

const Chunk = builder.objectRef<PageChunk>('Chunk').implement({
  description: 'Rows of one metric as the worker encoded them (core/chunk.ts).',
  fields: (t) => ({
    metric: t.exposeString('metric'),
    seq: t.exposeInt('seq'),
    firstStep: t.exposeFloat('firstStep'),
    lastStep: t.exposeFloat('lastStep'),
    rows: t.exposeInt('rows'),
    width: t.exposeInt('width'),
    data: t.string({ description: 'base64 of the chunk.', resolve: ({ body }) => body.toString('base64') }),
  }),
});

const ChunkBatch = builder.objectRef<Page>('ChunkBatch').implement({
  fields: (t) => ({
    chunks: t.field({ type: [Chunk], resolve: ({ chunks }) => [...chunks] }),
    cursor: t.exposeString('cursor', { description: 'Opaque; pass it as `after` to go on from here.' }),
    latest: t.exposeFloat('latest', { description: 'The newest step stored of these metrics; -1 before the first.' }),
  }),
});

builder.subscriptionField('metricChunks', (t) =>
  t.field({
    type: ChunkBatch,
    description: 'Every chunk after the cursor, history and live alike, each once; at most ten batches a second once caught up.',
    args: { runId: t.arg.id({ required: true }), metrics: t.arg.stringList({ required: true }), after: t.arg.string() },
    subscribe: async (_, { runId, metrics, after }, { services }) => {
      const names = [...new Set(metrics.map(metricName))].sort();
      if (names.length < 1 || names.length > maxMetrics) refuse(`metrics: 1 to ${maxMetrics} names, got ${names.length}`);
      const cursor =
        decodeCursor(after ?? null, names, runId) ??
        refuse(`after is not a cursor of metricChunks or metricWindow of this run: ${JSON.stringify((after ?? '').slice(0, 80))}`);
      if (!(await services.store.run(runId))) refuse(`no such run: ${runId}`, 'NOT_FOUND');
      return services.pages.follow(runId, names, cursor);
    },
    resolve: (page) => page as Page,
  }),
);
