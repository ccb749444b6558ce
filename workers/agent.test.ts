/** @file The agent against a server that misbehaves, with real child processes: nothing acknowledged is lost or doubled, nothing hangs. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Spec } from '#core/spec.ts';
import type { FixtureSpec } from './agent.fixture.ts';
import { startAgent, type Agent } from './agent.ts';
import { claimFolder } from './agentSpools.ts';
import { failureOf, openLink } from './link.ts';
import { openRecorder } from './recorder.ts';
import { startTestServer, type TestServer } from './testServer.ts';

const childPath = fileURLToPath(new URL('./agent.fixture.ts', import.meta.url));
const carried = ['/worker/append', '/worker/report', '/worker/checkpoint'];
const range = (n: number): number[] => [...Array(n).keys()];

async function setUp(
  t: TestContext,
): Promise<{ server: TestServer; spool: string; start: () => Agent; said: string[]; spools: () => string[] }> {
  const server = await startTestServer();
  const spool = mkdtempSync(join(tmpdir(), 'plateau-agent-'));
  const agents: Agent[] = [];
  const said: string[] = [];
  t.after(async () => {
    server.fault = () => null;
    await Promise.allSettled(agents.map((agent) => agent.stop())); // some were refused
    await server.close();
    rmSync(spool, { recursive: true, force: true });
  });
  const start = (): Agent => {
    const link = openLink(server.url, 'token');
    const options = { waitMs: 500, heartbeatEveryMs: 50, firstRetryMs: 5, say: (text: string) => void said.push(text) };
    const agent = startAgent({ link, spool, name: 'test', runtimes: [], childPath, ...options });
    agents.push(agent);
    return agent;
  };
  return { server, spool, start, said, spools: () => readdirSync(spool) };
}
function run(spec: FixtureSpec, more: { id?: string; attempt?: number; checkpointStep?: number; nextSeq?: Record<string, number> } = {}) {
  return { id: 'r1', attempt: 1, checkpointStep: null, nextSeq: {}, ...more, spec: spec as unknown as Spec };
}

test('a run is claimed, trained, delivered and reported, and its spool is gone', async (t) => {
  const { server, start, spools } = await setUp(t);
  server.queue.push(run({ steps: 500, checkpointEvery: 100 }));
  start();
  await server.until(() => server.statuses().includes('finished'));
  assert.deepEqual(server.rows('loss'), { steps: range(500), values: range(500) });
  assert.deepEqual(server.statuses(), ['running', 'finished']);
  assert.equal(server.checkpoints.get('r1')!.step, 400);
  server.queue.push(run({ steps: 1, checkpointEvery: 10 }, { id: 'r2' }));
  await server.until(() => server.statuses().length === 4);
  assert.ok(!spools().includes('r1.1'));
});

test('cuts before and after storing, 503 and 500 lose nothing and double nothing', async (t) => {
  const { server, start } = await setUp(t);
  let count = 0;
  server.fault = (path) => {
    if (!carried.includes(path)) return null;
    count++;
    return ([503, 'cut', null, 'cutAfter', 500, null] as const)[count % 6]!;
  };
  server.queue.push(run({ steps: 2000, checkpointEvery: 100 }));
  start();
  await server.until(() => server.statuses().includes('finished'));
  assert.deepEqual(server.rows('loss').steps, range(2000));
});

test('a child killed by SIGKILL is reported with its signal, and the next attempt goes on from the checkpoint without loss', async (t) => {
  const { server, start } = await setUp(t);
  server.queue.push(run({ steps: 600, checkpointEvery: 100, killAt: 350 }));
  start();
  await server.until(() => server.statuses().includes('crashed'));
  const crash = server.reports.find(({ status }) => status === 'crashed')!;
  assert.match(crash.reason!, /SIGKILL/);
  const checkpointStep = server.checkpoints.get('r1')!.step;
  assert.equal(checkpointStep, 300);
  assert.ok(
    range(checkpointStep).every((step, i) => server.rows('loss').steps[i] === step),
    'every row before the checkpoint is there',
  );
  server.queue.push(run({ steps: 600, checkpointEvery: 100, killAt: 350 }, { attempt: 2, checkpointStep, nextSeq: server.nextSeq() }));
  await server.until(() => server.statuses().includes('finished'));
  assert.deepEqual(new Set(server.rows('loss').steps), new Set(range(600)));
});

test('an error of the training is the reason of the crash, with its stack in the log', async (t) => {
  const { server, start } = await setUp(t);
  server.queue.push(run({ steps: 10, checkpointEvery: 100, throwAt: 5 }));
  start();
  await server.until(() => server.statuses().includes('crashed'));
  assert.equal(server.reports.find(({ status }) => status === 'crashed')!.reason, 'learningRate must be finite, got NaN');
  assert.ok(server.log().some(({ level, text }) => level === 'error' && text.includes('RangeError')));
});

test('a child that exits without a word is reported with its code and its last lines', async (t) => {
  const { server, start } = await setUp(t);
  server.queue.push(run({ steps: 10, checkpointEvery: 100, exitAt: 5 }));
  start();
  await server.until(() => server.statuses().includes('crashed'));
  assert.match(server.reports.find(({ status }) => status === 'crashed')!.reason!, /code 3/);
  assert.ok(server.log().some(({ text }) => text === 'native library: illegal instruction'));
});

for (const [desired, status] of [
  ['pause', 'paused'],
  ['stop', 'stopped'],
] as const)
  test(`${desired} from the page ends the run as ${status}, with a checkpoint`, async (t) => {
    const { server, start } = await setUp(t);
    server.queue.push(run({ steps: 0, checkpointEvery: 1e9, endless: true }));
    start();
    await server.until(() => server.chunks.length > 0);
    server.desired = desired;
    await server.until(() => server.statuses().includes(status));
    const { step } = server.reports.find((report) => report.status === status)!;
    assert.equal(server.checkpoints.get('r1')!.step, step);
    assert.deepEqual(server.rows('loss').steps, range(step!));
  });

test('a heartbeat behind the last word, whose answer was lost, is no sign that another has the run', async (t) => {
  const { server, start, said } = await setUp(t);
  let [beats, reports] = [0, 0];
  server.fault = (path) => {
    const over = server.statuses().includes('finished');
    if (path === '/worker/heartbeat' && over) beats++;
    if (path !== '/worker/report' || beats >= 3) return null;
    return over ? 'cut' : reports++ % 2 === 0 ? 'cutAfter' : null; // the first answer to every report is lost
  };
  server.queue.push(run({ steps: 20, checkpointEvery: 100 }));
  start();
  await server.until(() => beats >= 3);
  server.queue.push(run({ steps: 0, checkpointEvery: 10 }, { id: 'r2' }));
  await server.until(() => server.reports.some((report) => report.run === 'r2' && report.status === 'finished'));
  assert.ok(!said.some((text) => text.includes('not ours')), said.join('; '));
});

test('a server that is away at the start is said once and tried until it answers, which is said too', async (t) => {
  const { server, start, said } = await setUp(t);
  let asked = 0;
  server.fault = (path) => (path === '/worker/register' && ++asked < 5 ? 503 : null);
  server.queue.push(run({ steps: 1, checkpointEvery: 10 }));
  start();
  await server.until(() => server.statuses().includes('finished'));
  assert.equal(said.length, 2, said.join('; '));
  assert.match(said[0]!, /^register: http:.* with 503 .*; check the address and that the server runs; trying again, at least every 10 s$/);
  assert.equal(said[1], 'register: the server answers');
});

test('a server that goes away between runs is said once, also where it has forgotten the worker when it is back', async (t) => {
  const { server, start, said } = await setUp(t);
  let claims = 0;
  let registers = 0;
  server.fault = (path) => {
    if (path === '/worker/claim') return ([null, 'cut', 502, 401, 404] as const)[claims++] ?? null;
    return path === '/worker/register' ? ([null, 404, 401] as const)[registers++]! : null; // a proxy that has lost its server
  };
  start();
  await server.until(() => claims > 5);
  server.queue.push(run({ steps: 1, checkpointEvery: 10 }));
  await server.until(() => server.statuses().includes('finished'));
  const starts = said.map((text) => text.replace(/: http.*; trying/, ': … trying'));
  const again = (what: string) => `${what}: … trying again, at least every 10 s`;
  assert.deepEqual(starts, [again('claim'), 'claim: the server answers', again('register'), 'register: the server answers']);
});

test('the first registration fails for good where the token or the address is wrong', async (t) => {
  const { server, start } = await setUp(t);
  for (const [status, failure] of [
    [401, 'unauthorized'],
    [404, 'unknown'],
    [405, 'unknown'],
    [400, 'refused'],
  ] as const) {
    server.fault = () => status;
    await assert.rejects(start().done, (error) => failureOf(error) === failure);
  }
});

test('409 stops the child and drops the spool', async (t) => {
  const { server, start, said, spools } = await setUp(t);
  server.queue.push(run({ steps: 0, checkpointEvery: 1e9, endless: true }));
  start();
  await server.until(() => server.chunks.length > 0);
  server.attempts.set('r1', 2);
  server.queue.push(run({ steps: 3, checkpointEvery: 10 }, { id: 'r2' }));
  await server.until(() => server.statuses().includes('finished'));
  assert.ok(said.some((text) => text.includes('not ours any more')));
  assert.ok(!server.statuses().includes('crashed'));
  assert.ok(!spools().includes('r1.1'));
});

test('stop gives the run back to the queue with its checkpoint and everything delivered', async (t) => {
  const { server, start, spools } = await setUp(t);
  server.queue.push(run({ steps: 0, checkpointEvery: 1e9, endless: true }));
  const agent = start();
  await server.until(() => server.chunks.length > 0);
  await agent.stop();
  const last = server.reports.at(-1)!;
  assert.equal(last.status, 'queued');
  assert.deepEqual(server.rows('loss').steps, range(last.step!));
  assert.equal(server.checkpoints.get('r1')!.step, last.step);
  assert.deepEqual(spools(), []);
});

test('stop while the server is away keeps the spool, and the next agent delivers it', async (t) => {
  const { server, start, spools } = await setUp(t);
  server.queue.push(run({ steps: 0, checkpointEvery: 1e9, endless: true }));
  const agent = start();
  await server.until(() => server.chunks.length > 0);
  server.fault = () => 'cut';
  await agent.stop();
  assert.deepEqual(spools(), ['r1.1']);
  server.fault = () => null;
  start();
  await server.until(() => server.statuses().includes('queued'));
  assert.deepEqual(server.rows('loss').steps, range(server.reports.at(-1)!.step!));
});

test('the spool of an agent that was killed is delivered under its old claim, then the run goes back to the queue', async (t) => {
  const { server, spool, start } = await setUp(t);
  const folder = join(spool, 'r1.1');
  claimFolder(folder, { worker: 'w0', run: 'r1', attempt: 1 });
  const claim = { worker: 'w0', run: 'r1', attempt: 1, pid: 2 ** 22 + 1, bootSeconds: 0 };
  writeFileSync(join(folder, 'claim.json'), JSON.stringify(claim));
  const recorder = openRecorder({ folder, attempt: 1 });
  for (const step of range(100)) recorder.append('loss', step, [step]);
  recorder.flush(); // and no close: it was killed
  start();
  await server.until(() => server.statuses().includes('queued'));
  assert.deepEqual(server.rows('loss').steps, range(100));
  assert.equal(server.reports.at(-1)!.worker, 'w0');
});

test('the server away for a whole run: it trains to its end into the spool and everything arrives later', async (t) => {
  const { server, start, spools } = await setUp(t);
  server.queue.push(run({ steps: 3000, checkpointEvery: 500 }));
  let away = true;
  let tries = 0;
  server.fault = (path) => {
    if (!away || !carried.includes(path)) return null;
    if (++tries > 7) away = false;
    return 503;
  };
  start();
  await server.until(() => server.statuses().includes('finished'));
  assert.deepEqual(server.rows('loss').steps, range(3000));
  assert.deepEqual(spools().length <= 1, true);
});

test('a server that forgot the worker is told again who it is', async (t) => {
  const { server, start } = await setUp(t);
  let forgot = 1;
  server.fault = (path) => (path === '/worker/claim' && forgot-- > 0 ? 404 : null);
  server.queue.push(run({ steps: 3, checkpointEvery: 10 }));
  start();
  await server.until(() => server.statuses().includes('finished'));
  assert.equal(server.requests.filter((path) => path === '/worker/register').length, 2);
});

test('a retired agent finishes its run, takes no other and ends', async (t) => {
  const { server, start, spools } = await setUp(t);
  server.queue.push(run({ steps: 300, checkpointEvery: 100 }));
  const agent = start();
  await server.until(() => server.chunks.length > 0);
  agent.retire();
  server.queue.push(run({ steps: 3, checkpointEvery: 10 }, { id: 'r2' }));
  await agent.done;
  assert.deepEqual(server.statuses(), ['running', 'finished']);
  assert.deepEqual(spools(), []);
});

test('a fence heard by the heartbeat alone ends a delivery that gets no answer', async (t) => {
  const { server, start, spools } = await setUp(t);
  server.queue.push(run({ steps: 0, checkpointEvery: 1e9, endless: true }));
  start();
  await server.until(() => server.chunks.length > 0);
  server.fault = (path) => (path === '/worker/heartbeat' && server.queue.length > 0 ? 409 : carried.includes(path) ? 'cut' : null);
  server.queue.push(run({ steps: 3, checkpointEvery: 10 }, { id: 'r2' }));
  await server.until(() => server.queue.length === 0);
  server.fault = () => null;
  await server.until(() => server.statuses().includes('finished'));
  assert.ok(!spools().includes('r1.1'));
});

test('a pause by a person stays a pause when the worker is stopped at the same time', async (t) => {
  const { server, start } = await setUp(t);
  server.queue.push(run({ steps: 0, checkpointEvery: 1e9, endless: true }));
  const agent = start();
  await server.until(() => server.chunks.length > 0);
  server.desired = 'pause';
  await server.until(() => server.statuses().includes('paused'));
  await agent.stop();
  assert.deepEqual(server.statuses(), ['running', 'paused']);
});
