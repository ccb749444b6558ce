/** @file Links into the form carry their draft whole, and what is not one is not taken for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '#core/catalog.ts';
import type { Entry } from '#core/define.ts';
import { parseSpec } from '#core/spec.ts';
import { completed, type CatalogEntry } from './draft.ts';
import { newExperimentLink, prefillOf } from './link.ts';

test('a draft survives the address', () => {
  const prefill = { spec: { dataset: 'sphere', note: '100% "ü" # & =' }, grid: [{ path: 'seed', values: [1, 2] }], title: 'β ≥ ½' };
  const url = new URL(newExperimentLink(prefill), 'http://localhost');
  assert.equal(url.pathname, '/new');
  assert.deepEqual(prefillOf(url.hash), prefill);
});

test('another hash, a cut one and hostile ones open an empty form', () => {
  for (const hash of ['', '#top', '#%7B%22spec%22%3A', '#%E0%A4%A', '#null', '#7', '#[]', `#${encodeURIComponent('{"spec":"x"}')}`])
    assert.equal(prefillOf(hash), null, hash);
});

test('a sparse draft is completed as the server would, also one that it refuses', () => {
  const entries = Object.entries(catalog).flatMap(([kind, all]) =>
    Object.values(all as Record<string, Entry>).map(({ card, fields }): CatalogEntry => ({ kind, ...card, fields: fields ?? {} })),
  );
  const defaults = JSON.parse(JSON.stringify(parseSpec({}))) as Record<string, unknown>;
  for (const draft of [
    {},
    { network: { depth: 3 }, optimizer: 'adam', curvature: { topK: 2 } },
    { network: { kind: 'resnet', beta: 1 }, loss: 'hinge', metrics: { step: ['loss'], gram: 5 }, batchSize: 32 },
  ]) {
    const given = { ...draft, network: { kind: 'mlpChain', ...(draft as { network?: object }).network } };
    assert.deepEqual(completed(given, defaults, entries), JSON.parse(JSON.stringify(parseSpec(draft))));
  }
  const refused = completed({ dataset: 'sphere', batchSize: 64 }, defaults, entries) as { dataset: unknown; network: { kind: string } };
  assert.deepEqual([refused.dataset, refused.network.kind], [{ kind: 'sphere', ...pick('dataset', 'sphere') }, 'mlpChain']);
  function pick(kind: string, name: string) {
    const { fields } = entries.find((entry) => entry.kind === kind && entry.name === name)!;
    return Object.fromEntries(Object.entries(fields).map(([field, { default: value }]) => [field, value]));
  }
});
