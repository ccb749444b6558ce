/** @file Entry of the process that answers one question for the server: it takes one message, sends one back, and may be killed at any moment. */
import { answerQuestion } from './inspect/answer.ts';
import { filesGiven } from './inspect/files.ts';
import { InspectRefusal, type Fault } from './inspect/refusal.ts';
import { answerText } from './inspect/written.ts';

export interface InspectTask {
  readonly question: unknown;
  /** Files of arrays that the question names. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}
/** `text` is the answer as JSON. */
export type InspectOutcome = { readonly text: string } | { readonly issues: readonly Fault[] } | { readonly error: string };

async function outcomeOf({ question, files }: InspectTask): Promise<InspectOutcome> {
  try {
    return { text: answerText(await answerQuestion(question, filesGiven(files))) };
  } catch (error) {
    return error instanceof InspectRefusal ? { issues: error.issues } : { error: (error as Error).message };
  }
}

process.once('message', (task: InspectTask) => {
  void outcomeOf(task).then((outcome) => process.send!(outcome, () => process.disconnect()));
});
