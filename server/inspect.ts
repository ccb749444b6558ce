/** @file Questions about given networks: each is answered by a process of its own, bounded in size, time and number, so that the server only waits. */
import { fileURLToPath } from 'node:url';
import { askChild } from './askChild.ts';
import { refuse } from './refusal.ts';
import type { Services } from './services.ts';

/** The answer as it is shown. Throws a GraphQL error with `extensions.issues` where a field is at fault. */
export type Inspect = (input: unknown) => Promise<unknown>;

interface Fault {
  readonly path: string;
  readonly message: string;
}
/** As workers/inspectChild.ts sends it. */
type Outcome = { text?: string; issues?: readonly Fault[]; error?: string };

const inspectLimits = { ms: 60_000, waiting: 8, answerBytes: 8 * 1024 * 1024 } as const;
const entry = fileURLToPath(new URL('../workers/inspectChild.ts', import.meta.url));

export function createInspect({ stopping }: Pick<Services, 'stopping'>, limits: { ms: number } = inspectLimits): Inspect {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (input) => {
    const task = taskOf(input);
    if (waiting >= inspectLimits.waiting) refuse(`${waiting} questions are waiting already; try again in a minute`, 'BUSY');
    waiting++;
    // one at a time: the machine is there for the runs
    const turn = last.then(() => answerOf(task, limits.ms, stopping));
    last = turn.then(
      () => waiting--,
      () => waiting--,
    );
    const { text, issues, error } = await turn;
    if (issues) refuse(issues.map(({ path, message }) => `${path || 'question'}: ${message}`).join('; '), 'BAD_QUESTION', { issues });
    if (text === undefined) refuse(error ?? 'the question was not answered', 'NOT_ANSWERED');
    if (text.length > inspectLimits.answerBytes)
      refuse(
        `the answer has ${text.length} bytes, at most ${inspectLimits.answerBytes} are shown; ask npx plateau inspect in a terminal`,
        'TOO_LARGE',
      );
    return JSON.parse(text) as unknown;
  };
}

/** `{ …question, files: { name: base64 } }`. */
function taskOf(input: unknown): { question: unknown; files: Map<string, Uint8Array> } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { question: input, files: new Map() };
  const { files = {}, ...question } = input as { files?: unknown };
  if (typeof files !== 'object' || files === null || Object.values(files).some((value) => typeof value !== 'string'))
    refuse('files: must be an object of name to base64', 'BAD_QUESTION', {
      issues: [{ path: 'files', message: 'must be an object of name to base64' }],
    });
  return {
    question,
    files: new Map(Object.entries(files as Record<string, string>).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
  };
}

async function answerOf(task: ReturnType<typeof taskOf>, ms: number, stopping: AbortSignal): Promise<Outcome> {
  if (stopping.aborted) return { error: 'the server is stopping' };
  const late = AbortSignal.timeout(ms);
  let outcome: Outcome | null = null;
  const end = await askChild(entry, task, AbortSignal.any([stopping, late]), (word) => (outcome = word as Outcome));
  if (outcome) return outcome;
  if (late.aborted) return { error: `not answered within ${ms / 1000} s; ask for less, or ask npx plateau inspect in a terminal` };
  return { error: `the process that computed ${end}` };
}
