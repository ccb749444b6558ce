/** @file Scaffolds an entry of the catalog or an op, with its test: `npm run new metric effectiveRank`. The law test then says what is missing. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders, indexText, root, type Folder } from './folders.ts';

/** What stands between card and closing brace, per kind; the types of core/define.ts say the rest. */
const bodies: Readonly<Record<string, string>> = {
  activation: `  piecewiseLinear: false,\n  apply: (g, x) => g.tanh(x), // [B, N]`,
  init: `  draw(rng, { fanIn, shape }) {\n    const size = shape.reduce((a, b) => a * b, 1);\n    return Float64Array.from({ length: size }, () => rng.normal() / Math.sqrt(fanIn));\n  },`,
  parameterization: `  scaling: () => ({ a: 0, b: 0, c: 0 }),`,
  network: `  plan: (options, data) => {\n    throw new Error(\`%NAME%: no plan yet for \${data.inputs} inputs and \${options.kind}\`);\n  },`,
  optimizer: `  slots: [],\n  update: (g, { gradient, learningRate }) => ({ change: g.neg(g.mul(learningRate, gradient)), slots: {} }),`,
  schedule: `  factor: (t, steps) => 1 - t / steps,`,
  clipping: `  clip: (g, gradients, norm) => ({ gradients, fraction: g.greater(norm, Infinity) }),`,
  regularizer: `  treatment: ({ role }) => (role === 'weight' ? 'decay' : null),\n  gradient: (g, weights, gradient) => g.add(gradient, weights), // [G, …]`,
  loss: `  targets: 'values',\n  each: (g, outputs, targets) => g.sum(g.square(g.sub(outputs, targets)), [1]), // [B]`,
  dataset: `  targets: 'labels',\n  sizes: () => ({ inputs: 1, outputs: 2, train: 2, heldOut: 2 }),\n  generate(rng) {\n    const inputs = () => Float32Array.of(rng.normal(), rng.normal());\n    const draw = () => ({ inputs: inputs(), labels: Int32Array.of(0, 1), n: 2, inputSize: 1, outputSize: 2 });\n    return { train: draw(), heldOut: draw() };\n  },`,
  paper: `  claims: [],\n  recorded: {},`,
  diagnosis: `  metrics: ['loss'],\n  examine: () => null,\n  remedies: () => [],`,
  prediction: `  metric: 'weightNorm',\n  symbol: '',\n  when: 'start',\n  unmet: () => [],\n  expect: () => null,`,
  metric: `  axes: ['layer'],\n  cost: 'step',\n  scale: 'log',\n  step: {\n    parts: ({ weightNorm }) => [weightNorm], // [L]\n    finish: ([norm]) => norm!,\n  },`,
};

const opText = (name: string): string => `/** @file ${name}, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

/** Its value, and its derivative at x. */
export const ${name}: Op<[x: Node]> = unaryOp(
  '${name}',
  (x) => x * x,
  (g, x) => g.mul(x, 2),
  { low: -3, high: 3 },
);
`;

const entryText = ({ type, kind }: Folder, name: string): string => `/** @file ${title(name)}: say here in one sentence what it is. */
import type { ${type} } from '../define.ts';

export const ${name}: ${type} = {
  card: {
    name: '${name}',
    title: '${title(name)}',
    formula: '',
    about: '',
    source: '',
  },
  fields: {},
${bodies[kind]?.replaceAll('%NAME%', name) ?? ''}
};
`;

const testText = (name: string): string => `import assert from 'node:assert/strict';
import test from 'node:test';
import { ${name} } from './${name}.ts';

test('${name} equals the value worked out by hand on an example small enough', () => {
  assert.fail(${name}.card.name + ': no example yet; compare with something slower and surer');
});
`;

const title = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (letter) => letter.toUpperCase());

function scaffold(kind: string | undefined, name: string | undefined): string[] {
  const known = folders();
  const folder = known.find((candidate) => candidate.kind === kind);
  if (!folder || !name)
    throw new RangeError(
      `usage: npm run new <kind> <name>; kinds: ${known.map((candidate) => candidate.kind).join(', ')}; got ${kind ?? 'nothing'}`,
    );
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) throw new RangeError(`name must be camelCase, got ${name}`);
  const path = join(folder.path, `${name}.ts`);
  if (existsSync(join(root, path))) throw new RangeError(`${path} exists already`);
  const written: [string, string][] = [[path, kind === 'op' ? opText(name) : entryText(folder, name)]];
  // ops are covered by the generic tests over their `cases`
  if (kind !== 'op') written.push([join(folder.path, `${name}.test.ts`), testText(name)]);
  for (const [file, text] of written) writeFileSync(join(root, file), text);
  const index = join(folder.path, 'index.ts');
  writeFileSync(join(root, index), indexText(folder));
  return [...written.map(([file]) => file), index];
}

try {
  const [kind, name] = process.argv.slice(2);
  console.log(`written: ${scaffold(kind, name).join(', ')}`);
  console.log(
    kind === 'op'
      ? 'next: add the lowerings in workers/runtimes, then run npm test'
      : 'next: fill the card; `node --test core/law.test.ts` says what is missing',
  );
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError ? 2 : 1;
}
