/**
 * @file One execution and one serialization per event for all subscribers who ask the same of it.
 *
 * Plain graphql-ws executes and stringifies for every subscriber, which is the cost of a fan-out: 500 sockets at 50 messages a second
 * delivered 74% of them, and all of them when serialized once. Events are objects that their sources hand to everyone; the JSON of
 * the result is kept beside the event for as long as somebody holds it.
 */
import { createSourceEventStream, execute, getOperationAST, print, visit } from 'graphql';
import type { DocumentNode, ExecutionArgs, GraphQLError, GraphQLFormattedError } from 'graphql';

const results = new WeakMap<object, Map<string, Promise<Shared>>>();
const shapes = new WeakMap<DocumentNode, { text: string; variables: readonly string[] }>();
let executions = 0;

/** Executions so far, for the benchmark and the tests. */
export const executionCount = () => executions;

/** A result as the bytes of its JSON, written to every socket as they are. */
export interface Shared {
  readonly json: Buffer;
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

/** For graphql-ws `subscribe`. `fresh` renews what must not be kept from one event to the next (batching loaders); `tell` words the errors. */
export async function sharedSubscribe(
  args: ExecutionArgs,
  fresh: (context: unknown) => unknown,
  tell: (error: GraphQLError) => GraphQLFormattedError,
) {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source as AsyncGenerator<object, void, void>;
  const { text, variables } = shapeOf(args.document);
  const operation = getOperationAST(args.document, args.operationName)?.name?.value ?? '';
  const key = JSON.stringify([text, operation, variables.map((name) => args.variableValues?.[name])]);

  async function map({ done, value }: IteratorResult<object, void>): Promise<IteratorResult<Shared, void>> {
    if (done || !value) return { done: true, value: undefined };
    const kept = results.get(value) ?? new Map<string, Promise<Shared>>();
    results.set(value, kept);
    let result = kept.get(key);
    if (!result) {
      executions++;
      result = Promise.resolve(execute({ ...args, rootValue: value, contextValue: fresh(args.contextValue) })).then((done) => ({
        json: Buffer.from(JSON.stringify(done.errors ? { ...done, errors: done.errors.map(tell) } : done)),
      }));
      kept.set(key, result);
    }
    return { done: false, value: await result };
  }
  const mapped: AsyncGenerator<Shared, void, void> = {
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
