/** @file The law: what every entry of every catalog folder owes its readers, and what holds for the whole house. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import katex from 'katex';
import { entries, folders, indexText, root, sources, type Folder } from '../deploy/folders.ts';
import type { Entry, Field } from './define.ts';
import type { Op } from './graph/node.ts';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const all = folders();
const catalogs = all.filter(({ kind }) => kind !== 'op');

async function load<T>(folder: Folder): Promise<Readonly<Record<string, T>>> {
  const module = (await import(path.join(root, folder.path, 'index.ts'))) as Readonly<Record<string, Readonly<Record<string, T>>>>;
  return module[folder.name]!;
}

/** Every file that is ours, from the root. */
function files(): string[] {
  const found: string[] = [];
  const skip = new Set(['node_modules', '.git', '.next', 'data', 'vendor', 'test-results', 'playwright-report', 'migrations']);
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && !skip.has(entry.name) && !entry.name.startsWith('.')) walk(name);
      else if (entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name) && !/\.d\.ts$/.test(entry.name)) found.push(name);
    }
  };
  for (const entry of readdirSync(root, { withFileTypes: true }))
    if (entry.isDirectory() && !skip.has(entry.name) && !entry.name.startsWith('.')) walk(entry.name);
  return found;
}

/** Why a field is not sane, or null. */
function faultOf(field: Field): string | null {
  if (field.title.trim() === '') return 'has no title';
  if (field.type === 'boolean') return null;
  if (field.type === 'text') return field.default.length <= field.maxLength ? null : 'has a default longer than allowed';
  if (field.type === 'choice')
    return field.choices.includes(field.default) ? null : `has default ${field.default} outside ${field.choices.join(', ')}`;
  const { min, max, default: value, type, log, exclusiveMin } = field;
  if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max)) return `has bounds ${min} to ${max}`;
  if (!(value >= min && value <= max && !(exclusiveMin && value === min))) return `has default ${value} outside ${min} to ${max}`;
  if (type === 'integer' && ![min, max, value].every(Number.isSafeInteger)) return 'is an integer with bounds or a default that are not';
  if (log && !(min >= 0 && value > 0)) return `has a logarithmic scale from ${min} with default ${value}`;
  return null;
}

for (const folder of all) {
  test(`${folder.path}: the index is what deploy/generate.ts writes (npm run generate)`, () => {
    assert.equal(read(`${folder.path}/index.ts`), indexText(folder));
  });

  test(`${folder.path}: names are camelCase, and a file that looks like an entry exports its own name`, () => {
    for (const name of sources(folder)) assert.match(name, /^[a-z][a-zA-Z0-9]*$/);
    const known = new Set(entries(folder));
    for (const name of sources(folder))
      if (!known.has(name))
        assert.doesNotMatch(
          read(`${folder.path}/${name}.ts`),
          new RegExp(`^export const \\w+: (${all.map(({ type }) => type).join('|')})\\b(?=[ <])(?!\\[)`, 'm'),
          `${folder.path}/${name}.ts exports an entry of another name`,
        );
  });
}

for (const folder of catalogs)
  test(`${folder.path}: every card is complete, its formula is LaTeX, its fields are sane`, async () => {
    const list = await load<Entry>(folder);
    assert.ok(Object.keys(list).length > 0, `${folder.path} is empty`);
    const faults: string[] = [];
    for (const [name, { card, fields }] of Object.entries(list)) {
      const blame = (what: string): void => void faults.push(`${folder.path}/${name}.ts: ${what}`);
      if (card.name !== name) blame(`card.name is ${card.name}`);
      if (card.title.trim() === '') blame('card.title is empty');
      if (card.about.trim().length < 20) blame(`card.about says too little: ${JSON.stringify(card.about)}`);
      if (!/\b(1[89]|20)\d\d\b|^definition|our choice/.test(card.source))
        blame(`card.source names no year, nor "definition" or "our choice": ${JSON.stringify(card.source)}`);
      if (card.formula.trim() === '') blame('card.formula is empty');
      try {
        katex.renderToString(card.formula, { throwOnError: true, strict: 'error' });
      } catch (error) {
        blame(`card.formula: ${(error as Error).message}`);
      }
      for (const [key, field] of Object.entries(fields)) {
        if (!/^[a-z][a-zA-Z0-9]*$/.test(key) || key === 'kind') blame(`field ${key}: names are camelCase, and kind is taken`);
        const fault = faultOf(field);
        if (fault) blame(`field ${key} ${fault}`);
        if (field.symbol !== undefined)
          try {
            katex.renderToString(field.symbol, { throwOnError: true, strict: 'error' });
          } catch (error) {
            blame(`field ${key}: symbol: ${(error as Error).message}`);
          }
      }
    }
    assert.deepEqual(faults, []);
  });

for (const folder of catalogs)
  test(`${folder.path}: a test stands beside the entries`, () => {
    const tests = readdirSync(path.join(root, folder.path)).filter((file) => file.endsWith('.test.ts'));
    const text = tests.map((file) => read(`${folder.path}/${file}`)).join('\n');
    assert.ok(tests.length > 0, `${folder.path} has no test`);
    // tests over the whole index cover what will be added
    const overAll = new RegExp(`\\b${folder.name}\\b`).test(text);
    for (const name of entries(folder)) assert.ok(overAll || text.includes(name), `no test of ${folder.path} speaks of ${name}`);
  });

test('every op names itself and brings cases for the generic tests', async () => {
  const ops = await load<Op>(all.find(({ kind }) => kind === 'op')!);
  for (const [name, op] of Object.entries(ops)) {
    assert.equal(op.name, name);
    assert.ok(op.cases.length > 0 || name === 'input', `op ${name} has no cases`); // an input has nothing to compute
  }
});

test('every op is lowered by both runtimes', async () => {
  const ops = await load<Op>(all.find(({ kind }) => kind === 'op')!);
  for (const runtime of ['onnx', 'tensorflow']) {
    const text = files()
      .filter((file) => file.startsWith(`workers/runtimes/${runtime}`) && !file.endsWith('.test.ts'))
      .map(read)
      .join('\n');
    for (const name of Object.keys(ops).filter((op) => op !== 'input'))
      assert.match(text, new RegExp(`\\b${name}\\b`), `${runtime} does not know op ${name}`);
  }
});

test('a chunk is encoded in one place and decoded in one place', () => {
  const product = files().filter(
    (file) =>
      !file.includes('.test.') && !/\b(testing|testServer)\.ts$/.test(file) && !file.startsWith('bench/') && !file.startsWith('e2e/'),
  );
  const uses = (name: string): string[] =>
    product.filter((file) => file !== 'core/chunk.ts' && new RegExp(`\\b${name}\\(`).test(read(file)));
  assert.deepEqual(uses('encodeChunk'), ['workers/pendingRows.ts']);
  assert.deepEqual(
    product.filter((file) => file !== 'core/chunk.ts' && /0x31434c50|'PLC1'/.test(read(file))),
    [],
  );
  const decoders = uses('decodeChunk').map((file) => file.split('/')[0]);
  assert.ok(
    decoders.filter((folder) => folder === 'app').length <= 1,
    `the page decodes in one place, got ${uses('decodeChunk').join(', ')}`,
  );
});

test('nobody keeps a list of the entries by hand', async () => {
  const faults: string[] = [];
  const texts = files()
    .filter((file) => !file.includes('.test.') && !file.endsWith('/index.ts') && !/^(e2e|bench)\//.test(file))
    .map((file): [string, string] => [file, read(file)]);
  for (const folder of catalogs) {
    const names = Object.keys(await load<Entry>(folder));
    if (names.length < 4) continue; // too few words to tell a list from chance
    for (const [file, text] of texts) {
      // one literal that names nearly all of the entries: ['loss', 'accuracy', …]
      for (const literal of text.match(/\[(\s*'[a-zA-Z]+',?){4,}\s*\]/g) ?? []) {
        const named = names.filter((name) => literal.includes(`'${name}'`));
        if (named.length >= Math.max(4, 0.8 * names.length)) faults.push(`${file} lists the ${folder.name} by hand: ${named.join(', ')}`);
      }
    }
  }
  assert.deepEqual(faults, []);
});

test('no file is called utils, helpers or common', () => {
  assert.deepEqual(
    files().filter((file) => /(^|\/)(utils?|helpers?|common)(\/|\.)/i.test(file)),
    [],
  );
});

test('every file opens by saying what it is', () => {
  const silent = files().filter((file) => !/^(#!.*\n)?(['"]use client['"];\s*)?\/\*\*\s*(\n \* )?@file /.test(read(file)));
  assert.deepEqual(silent, []);
});

test('the lockfile names no registry host', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
  assert.ok(existsSync(path.join(root, '.npmrc')));
});
