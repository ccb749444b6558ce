/** @file The commands of the house: help, scaffolding, and an install that recovers from being interrupted. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import prettier from 'prettier';
import ts from 'typescript';
import { folders, root } from './folders.ts';

const node = process.execPath;
const say = (...args: string[]): string => execFileSync(node, args, { cwd: root, encoding: 'utf8' });

/** A project with our scripts and nothing else. */
function project(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'plateau-deploy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(path.join(root, 'deploy'), path.join(folder, 'deploy'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

test('npm start --help lists every option and variable that the server takes', () => {
  const help = say('deploy/start.js', '--help');
  const server = readFileSync(path.join(root, 'server/options.ts'), 'utf8');
  const flags = [...server.matchAll(/^\s+'?([a-z-]+)'?: \{ type: '(?:string|boolean)'/gm)].map(([, flag]) => `--${flag}`);
  assert.ok(flags.length > 5);
  for (const flag of flags) assert.ok(help.includes(flag), `${flag} is missing`);
  for (const variable of ['PORT', 'HOST', 'DATABASE_URL', 'PLATEAU_DATA']) assert.ok(help.includes(variable), `${variable} is missing`);
});

test('plateau --help lists only commands that exist, and an unknown one is named with the known', () => {
  const help = say('deploy/plateau.js', '--help');
  const files = [...readFileSync(path.join(root, 'deploy/plateau.js'), 'utf8').matchAll(/^ {2}\['\w+', '(.+?)',/gm)].map(
    ([, file]) => file!,
  );
  assert.deepEqual([files.length > 5, files.filter((file) => !existsSync(path.join(root, file)))], [true, []]);
  assert.match(help, /^ {2}worker /m);
  assert.match(help, /^ {2}doctor /m);
  const { status, stderr } = spawnSync(node, ['deploy/plateau.js', 'fly'], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /unknown command: fly; known: start, /);
});

test('npm test refuses a step or an option that it does not know', () => {
  const { status, stderr } = spawnSync(node, ['deploy/test.js', '--only', 'nonsense'], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /unknown step: nonsense; known: format, lint/);
  const other = spawnSync(node, ['deploy/test.js', '--onyl', 'unit'], { cwd: root, encoding: 'utf8' });
  assert.equal(other.status, 2);
  assert.match(other.stderr, /unknown option: --onyl unit; --help lists them/);
});

test('npm run bench refuses what it does not know with the list of what there is, before it measures anything', () => {
  const bench = (...args: string[]) => spawnSync(node, ['bench/main.ts', ...args], { cwd: root, encoding: 'utf8' });
  for (const args of [['nope'], ['--only', 'nope'], ['--only', 'soak', 'nope']]) {
    const { status, stdout, stderr } = bench(...args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^bench: unknown benchmark: nope; known: trainingStep, curvature, deepGraph, .*\n$/);
  }
  assert.match(bench('soak', '--minutes', 'x').stderr, /^bench: --minutes must be a number from 0.01 to 1000000, got "x"\n$/);
  assert.match(bench('--nope').stderr, /^bench: .*--nope/);
  assert.match(bench('--help').stdout, /^ {2}NAME +trainingStep, curvature, deepGraph/m);
});

test('npm run new writes an entry with its test into the index, once, and refuses what is not a name', (t) => {
  const folder = project(t);
  mkdirSync(path.join(folder, 'core/metrics'), { recursive: true });
  cpSync(path.join(root, 'core/define.ts'), path.join(folder, 'core/define.ts'));
  const scaffold = (...args: string[]) => spawnSync(node, [path.join(folder, 'deploy/new.ts'), ...args], { encoding: 'utf8' });
  assert.equal(scaffold('metric', 'effectiveRank').status, 0);
  assert.match(readFileSync(path.join(folder, 'core/metrics/effectiveRank.ts'), 'utf8'), /export const effectiveRank: Metric/);
  assert.match(readFileSync(path.join(folder, 'core/metrics/effectiveRank.test.ts'), 'utf8'), /effectiveRank/);
  assert.match(readFileSync(path.join(folder, 'core/metrics/index.ts'), 'utf8'), /^ {2}effectiveRank,$/m);
  assert.match(scaffold('metric', 'effectiveRank').stderr, /exists already/);
  assert.match(scaffold('metric', 'Effective-Rank').stderr, /camelCase, got Effective-Rank/);
  assert.match(scaffold('gizmo', 'x').stderr, /kinds: .*metric/);
  assert.equal(spawnSync(node, [path.join(folder, 'deploy/generate.ts'), '--check']).status, 0);
  writeFileSync(path.join(folder, 'core/metrics/other.ts'), 'export const other = 1;\n');
  assert.equal(spawnSync(node, [path.join(folder, 'deploy/generate.ts'), '--check']).status, 1);
});

test('npm run new writes for every kind what types and formatter accept', async (t) => {
  const folder = project(t);
  for (const part of ['core', 'package.json', 'tsconfig.json']) cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  const made = folders().flatMap(({ kind, type }) => {
    const { stdout, stderr } = spawnSync(node, [path.join(folder, 'deploy/new.ts'), kind, `fresh${type}`], { encoding: 'utf8' });
    assert.equal(stderr, '');
    return [...stdout.matchAll(/[\w/]+\/fresh\w+(?:\.test)?\.ts/g)].map(([file]) => path.join(folder, file));
  });
  assert.equal(made.length, 2 * folders().length - 1); // an op is tested by its cases
  const { options } = ts.parseJsonConfigFileContent(JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8')), ts.sys, folder);
  const program = ts.createProgram(made, { ...options, incremental: false, noEmit: true });
  const faults = made.flatMap((file) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  );
  assert.deepEqual(faults, []);
  const style = await prettier.resolveConfig(path.join(root, 'package.json'));
  for (const file of made) assert.ok(await prettier.check(readFileSync(file, 'utf8'), { ...style, filepath: file }), file);
});

test('an install that failed or was killed is done again; one that passed is not, until the lockfile changes', (t) => {
  const folder = project(t);
  const npm = path.join(folder, 'npm.js');
  const calls = path.join(folder, 'calls');
  writeFileSync(path.join(folder, 'package-lock.json'), '{}');
  const fake = (end: string): void =>
    writeFileSync(
      npm,
      `import fs from 'node:fs';
       fs.appendFileSync(${JSON.stringify(calls)}, process.argv.slice(2).join(' ') + ' ' + process.env.ONNXRUNTIME_NODE_INSTALL + '\\n');
       fs.mkdirSync('node_modules/.bin', { recursive: true });
       fs.writeFileSync('node_modules/.bin/node', '');
       ${end}`,
    );
  const install = () =>
    spawnSync(
      node,
      [
        '-e',
        `import(${JSON.stringify(path.join(folder, 'deploy/prepare.js'))}).then((m) => m.install()).catch((e) => { console.error(e.message); process.exit(1); })`,
      ],
      {
        encoding: 'utf8',
        env: { ...process.env, npm_execpath: npm, npm_node_execpath: node },
      },
    );
  const count = (): number => readFileSync(calls, 'utf8').trim().split('\n').length;
  fake(`console.error('npm error network'); process.exit(1);`);
  const failed = install();
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /npm error network/);
  fake(`process.kill(process.pid, 'SIGKILL');`);
  assert.equal(install().status, 1);
  fake('');
  assert.equal(install().status, 0);
  assert.equal(count(), 3);
  assert.equal(install().status, 0);
  assert.equal(count(), 3, 'nothing to do');
  writeFileSync(path.join(folder, 'package-lock.json'), '{"changed":true}');
  assert.equal(install().status, 0);
  assert.equal(count(), 4);
  assert.match(readFileSync(calls, 'utf8'), /^ci .*skip$/m);
  assert.ok(existsSync(path.join(folder, 'node_modules/.plateau-install')));
});

test('two set-ups at once install once', async (t) => {
  const folder = project(t);
  const npm = path.join(folder, 'npm.js');
  const calls = path.join(folder, 'calls');
  writeFileSync(path.join(folder, 'package-lock.json'), '{}');
  writeFileSync(
    npm,
    `import fs from 'node:fs';
     fs.appendFileSync(${JSON.stringify(calls)}, 'call\\n');
     fs.mkdirSync('node_modules/.bin', { recursive: true });
     fs.writeFileSync('node_modules/.bin/node', '');`,
  );
  const install = (): Promise<number | null> =>
    new Promise((resolve) => {
      const code = `import(${JSON.stringify(path.join(folder, 'deploy/prepare.js'))}).then((m) => m.install())`;
      spawn(node, ['-e', code], { env: { ...process.env, npm_execpath: npm, npm_node_execpath: node }, stdio: 'ignore' }).on(
        'close',
        resolve,
      );
    });
  assert.deepEqual(await Promise.all([install(), install(), install()]), [0, 0, 0]);
  assert.equal(readFileSync(calls, 'utf8'), 'call\n');
});
