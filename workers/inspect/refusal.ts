/** @file What is wrong with a question: at which field, what was found, what is allowed. */

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Faults that are told one by one. */
const mostFaults = 50;

/** A question that cannot be answered as it stands; nothing has been computed. */
export class InspectRefusal extends Error {
  readonly issues: readonly Fault[];
  constructor(given: readonly Fault[]) {
    const issues = given.slice(0, mostFaults).map(({ path, message }) => ({ path: plain(path, 300), message: plain(message, 4_000) }));
    if (given.length > mostFaults) issues.push({ path: '', message: `and ${given.length - mostFaults} faults more` });
    super(issues.map(({ path, message }) => `${path || 'the question'}: ${message}`).join('; '));
    this.name = 'InspectRefusal';
    this.issues = issues;
  }
}

/** Names and files come from the question: a terminal shall not obey what stands in them, nor be flooded. What is too long loses its middle. */
export function plain(text: string, most: number): string {
  const short = text.length > most ? `${text.slice(0, most / 2)} … ${text.slice(-most / 2)}` : text;
  return short.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

/** `layers[2].eps` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (all, part) => (typeof part === 'number' ? `${all}[${part}]` : all === '' ? String(part) : `${all}.${String(part)}`),
    '',
  );

/** @throws InspectRefusal always */
export function refuse(path: string, message: string): never {
  throw new InspectRefusal([{ path, message }]);
}

/** A value as it may stand in a sentence. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  let text: string;
  try {
    text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  } catch {
    text = 'something nested too deep to show'; // thousands of brackets exhaust the stack
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
