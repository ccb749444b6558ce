/** @file What is wrong with a question: at which field, what was found, what is allowed. */

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** A question that cannot be answered as it stands; nothing has been computed. */
export class InspectRefusal extends Error {
  readonly issues: readonly Fault[];
  constructor(issues: readonly Fault[]) {
    super(issues.map(({ path, message }) => `${path || 'the question'}: ${message}`).join('; '));
    this.name = 'InspectRefusal';
    this.issues = issues;
  }
}

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
