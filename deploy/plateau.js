#!/usr/bin/env node
/** @file `npx plateau <command>`: finds the command and runs it on Node 24. Plain JavaScript, any Node >= 18. */
import path from 'node:path';
import { hand, install, root } from './prepare.js';

const commands = [
  ['start', 'deploy/start.js', 'installs, builds, starts database, server and workers (npm start)'],
  ['run', 'workers/run.ts', 'trains one spec in this terminal: plateau run spec.json, JSON lines out'],
  ['reproduce', 'workers/reproduce.ts', 'measures the claims of papers: a table of verdicts, exit 1 where one has changed'],
  ['diagnose', 'workers/diagnose.ts', 'trains one spec and says what is wrong with the run and what to try: plateau diagnose spec.json'],
  ['inspect', 'workers/inspect.ts', 'exact quantities of a network at given weights: plateau inspect question.json'],
  ['worker', 'workers/main.ts', 'a worker for a server elsewhere: plateau worker --server URL --token TOKEN'],
  ['doctor', 'workers/doctor.ts', 'what this machine has: runtimes, devices, database, ports, disk (--json)'],
];

const help = `usage: npx plateau <command> [options]

${commands.map(([name, , about]) => `  ${name.padEnd(10)}${about}`).join('\n')}

Each command tells its options with --help.
`;

async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return void process.stdout.write(help);
  const command = commands.find(([known]) => known === name);
  if (!command) {
    process.stderr.write(`unknown command: ${name}; known: ${commands.map(([known]) => known).join(', ')}\n`);
    process.exitCode = 2; // as the commands themselves say that they were not understood
    return;
  }
  await install();
  process.exitCode = await hand([path.join(root, command[1]), ...args]);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
