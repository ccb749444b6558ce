/** @file For the tests: an agent in a process of its own, so that it can be killed; server, token and spool are its arguments. */
import { fileURLToPath } from 'node:url';
import { startAgent } from '#workers/agent.ts';
import { openLink } from '#workers/link.ts';

const [url, token, spool] = process.argv.slice(2) as [string, string, string];
const childPath = fileURLToPath(new URL('../../workers/agent.fixture.ts', import.meta.url));
const agent = startAgent({ link: openLink(url, token), spool, name: 'fixture', runtimes: [], childPath, waitMs: 2_000, firstRetryMs: 20 });
process.on('SIGTERM', () => void agent.stop().then(() => process.exit(0)));
