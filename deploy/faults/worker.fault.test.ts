/** @file Worker, server and database together, each killed in turn: the curve has every step once, nothing acknowledged is lost, nothing hangs. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer } from '#server/testing.ts';

interface RunState {
  status: string;
  step: number;
  attempt: number;
  reason: string | null;
  seams: { step: number }[];
}
const agentPath = fileURLToPath(new URL('./agentMain.fixture.ts', import.meta.url));

async function setUp(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'plateau-fault-'));
  const spool = path.join(folder, 'spool');
  const world = { server: await startTestServer({ folder }), agents: [] as ChildProcess[] };
  t.after(async () => {
    await Promise.all(world.agents.map(ended)); // before the server: they say goodbye to it
    await world.server.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const address = (): string => world.server.url.replace('localhost', '127.0.0.1');
  const agent = (): ChildProcess => {
    const child = fork(agentPath, [address(), world.server.token, spool], { stdio: 'ignore' });
    world.agents.push(child);
    return child;
  };
  const state = async (id: string): Promise<RunState | null> => {
    const query = 'query($id: ID!) { run(id: $id) { status step attempt reason seams { step } } }';
    return (await world.server.graphql(query, { id }).catch(() => null))?.data?.run ?? null;
  };
  const until = async (id: string, condition: (run: RunState) => boolean): Promise<RunState> => {
    for (;;) {
      const run = await state(id);
      if (run && condition(run)) return run;
      await sleep(20); // polling, as a person's browser without a socket would
    }
  };
  const begin = async (spec: Record<string, unknown>): Promise<string> => (await world.server.experiment([0], spec)).runs[0]!;
  return { world, folder, spool, agent, until, begin };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** The steps that the page would draw, at full resolution. */
async function curve(server: TestServer, id: string): Promise<number[]> {
  const query = 'query($id: ID!) { metricWindow(runId: $id, metric: "loss", pixels: 4000) { level firstSteps } }';
  const { data } = await server.graphql<{ metricWindow: { level: number; firstSteps: string } }>(query, { id });
  assert.equal(data.metricWindow.level, 0);
  return [...new Float64Array(Uint8Array.from(Buffer.from(data.metricWindow.firstSteps, 'base64')).buffer)];
}
const range = (n: number): number[] => [...Array(n).keys()];

test('the training process is killed: the run goes on from its checkpoint, the curve has every step once and a seam', async (t) => {
  const { world, agent, until, begin } = await setUp(t);
  agent();
  const id = await begin({ steps: 600, checkpointEvery: 100, killAt: 350 });
  const run = await until(id, ({ status }) => status === 'finished');
  assert.deepEqual([run.attempt, run.seams.map(({ step }) => step)], [2, [300]]);
  assert.deepEqual(await curve(world.server, id), range(600));
});

test('the agent is killed with its child: the next agent delivers what it spooled and the run goes on', async (t) => {
  const { world, spool, agent, until, begin } = await setUp(t);
  const first = agent();
  const id = await begin({ steps: 1, checkpointEvery: 200, endless: true });
  await until(id, ({ step }) => step > 500);
  first.kill('SIGKILL');
  await new Promise((resolve) => first.once('exit', resolve));
  assert.deepEqual(readdirSync(spool), [`${id}.1`]);
  agent();
  const { step } = await until(id, (run) => run.attempt === 2 && run.status === 'running' && run.step > 800);
  await world.server.graphql('mutation($id: ID!) { stopRun(id: $id) { id } }', { id });
  const stopped = await until(id, ({ status }) => status === 'stopped');
  assert.ok(stopped.step >= step);
  assert.deepEqual(await curve(world.server, id), range(stopped.step));
});

test('the server is stopped and started while a worker streams: the run ends as if nothing had been', async (t) => {
  const { world, folder, agent, until, begin } = await setUp(t);
  const port = Number(new URL(world.server.url).port);
  agent();
  const id = await begin({ steps: 3000, checkpointEvery: 500, slow: true });
  await until(id, ({ step }) => step > 200);
  await world.server.end();
  world.server = await startTestServer({ folder, port });
  const run = await until(id, ({ status }) => status === 'finished');
  assert.equal(run.attempt, 1);
  assert.deepEqual(await curve(world.server, id), range(3000));
});

test('the database is killed while a worker streams: the run ends as if nothing had been', async (t) => {
  const { world, agent, until, begin } = await setUp(t);
  agent();
  const id = await begin({ steps: 3000, checkpointEvery: 500, slow: true });
  await until(id, ({ step }) => step > 200);
  process.kill(world.server.postgres!.pid()!, 'SIGKILL');
  const run = await until(id, ({ status }) => status === 'finished');
  assert.equal(run.attempt, 1);
  assert.deepEqual(await curve(world.server, id), range(3000));
});
