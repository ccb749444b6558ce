/**
 * @file One execution and one serialization per event for all subscribers who ask the same of it.
 *
 * Plain graphql-ws executes and stringifies for every subscriber, which is the cost of a fan-out: 500 sockets at 50 messages a second
 * delivered 74% of them, and all of them when serialized once. Events are objects that their sources hand to everyone; the text of
 * the result is kept beside the event for as long as somebody holds it.
 */
import { createSourceEventStream, execute, getOperationAST, print, visit } from 'graphql';
import type { DocumentNode, ExecutionArgs, ExecutionResult, FormattedExecutionResult } from 'graphql';

const results = new WeakMap<object, Map<string, Promise<string>>>();
const shapes = new WeakMap<DocumentNode, { text: string; variables: readonly string[] }>();
let executions = 0;

/** Executions so far, for the benchmark and the tests. */
export const executionCount = () => executions;

class SharedResult {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What tells two subscribers of one event apart: the document, and the variables it uses below the root field's arguments
 * (the arguments themselves have chosen the event).
 */
function shapeOf(document: DocumentNode): { text: string; variables: readonly string[] } {
  const known = shapes.get(document);
  if (known) return known;
  const variables = new Set<string>();
  let depth = 0;
  visit(document, {
    VariableDefinition: () => false,
    Field: {
      enter: () => void depth++,
      leave: () => void depth--,
    },
    Argument: (_node, _key, _parent, _path, ancestors) => {
      const holder = ancestors.at(-1);
      const parent = Array.isArray(holder) ? ancestors.at(-2) : holder;
      return depth === 1 && (parent as { kind?: string } | undefined)?.kind === 'Field' ? false : undefined;
    },
    Variable: (node) => void variables.add(node.name.value),
  });
  const shape = { text: print(document), variables: [...variables].sort() };
  shapes.set(document, shape);
  return shape;
}

/** For graphql-ws `subscribe`. `fresh` renews what must not be kept from one event to the next (batching loaders). */
export async function sharedSubscribe(args: ExecutionArgs, fresh: (context: unknown) => unknown) {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source as AsyncGenerator<object, void, void>;
  const { text, variables } = shapeOf(args.document);
  const operation = getOperationAST(args.document, args.operationName)?.name?.value ?? '';
  const key = JSON.stringify([text, operation, variables.map((name) => args.variableValues?.[name])]);

  async function map({ done, value }: IteratorResult<object, void>): Promise<IteratorResult<ExecutionResult, void>> {
    if (done || !value) return { done: true, value: undefined };
    const kept = results.get(value) ?? new Map<string, Promise<string>>();
    results.set(value, kept);
    let result = kept.get(key);
    if (!result) {
      executions++;
      result = Promise.resolve(execute({ ...args, rootValue: value, contextValue: fresh(args.contextValue) })).then((done) =>
        JSON.stringify(done),
      );
      kept.set(key, result);
    }
    return { done: false, value: new SharedResult(await result) as ExecutionResult };
  }
  const mapped: AsyncGenerator<ExecutionResult, void, void> = {
    next: async () => map(await events.next()),
    return: async () => {
      await events.return?.();
      return { done: true, value: undefined };
    },
    throw: async (error) => {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => mapped,
    [Symbol.asyncDispose]: async () => void (await mapped.return()),
  };
  return mapped;
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): FormattedExecutionResult };

/** For graphql-ws `onNext`: puts the text into the message as it is. */
export const sharedNext = (result: unknown): FormattedExecutionResult | undefined =>
  result instanceof SharedResult ? rawJSON(result.text) : undefined;
