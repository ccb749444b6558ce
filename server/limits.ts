/** @file Limits of an operation, checked before it runs: how deep and how many fields, fragments counted where they are used. */
import { GraphQLError, Kind } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode, ValidationContext, ValidationRule } from 'graphql';

export const limits = { depth: 12, fields: 600, aliases: 30, tokens: 6_000, bodyBytes: 512 * 1024, inspectBytes: 8 * 1024 * 1024 } as const;

interface Cost {
  readonly depth: number;
  readonly fields: number;
}

/** Introspection is deep by nature and bounded by the schema. */
const free = new Set(['__schema', '__type', '__typename']);

function costOf(
  set: SelectionSetNode,
  fragment: (name: string) => FragmentDefinitionNode | null | undefined,
  known = new Map<string, Cost>(),
): Cost {
  let depth = 0;
  let fields = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD && free.has(selection.name.value)) continue;
    let inner: Cost = { depth: 0, fields: 0 };
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const name = selection.name.value;
      // Counted once and remembered: nested fragments would otherwise double at every level. A cycle is another rule's to refuse.
      if (!known.has(name)) {
        known.set(name, inner);
        const definition = fragment(name);
        if (definition) known.set(name, costOf(definition.selectionSet, fragment, known));
      }
      inner = known.get(name)!;
    } else if (selection.selectionSet) inner = costOf(selection.selectionSet, fragment, known);
    const own = selection.kind === Kind.FIELD ? 1 : 0;
    depth = Math.max(depth, inner.depth + own);
    fields += inner.fields + own;
  }
  return { depth, fields };
}

export const limitsRule: ValidationRule = (context: ValidationContext) => ({
  OperationDefinition(node) {
    const { depth, fields } = costOf(node.selectionSet, (name) => context.getFragment(name));
    const refuse = (what: string, got: number, allowed: number) =>
      context.reportError(new GraphQLError(`${what}: at most ${allowed}, got ${got}`, { nodes: node, extensions: { code: 'TOO_COSTLY' } }));
    if (depth > limits.depth) refuse('depth of the operation', depth, limits.depth);
    if (fields > limits.fields) refuse('fields of the operation', fields, limits.fields);
    const roots = node.selectionSet.selections.length;
    if (roots > limits.aliases) refuse('root fields of the operation', roots, limits.aliases);
  },
});
