/** @file Limits of an operation, checked before it runs: how deep, how many fields, how much to compute; fragments counted where they are used. */
import { GraphQLError, Kind } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode, ValidationContext, ValidationRule } from 'graphql';

export const limits = {
  depth: 12,
  fields: 600,
  aliases: 30,
  computed: 4,
  tokens: 6_000,
  bodyBytes: 512 * 1024,
  inspectBytes: 8 * 1024 * 1024,
} as const;

interface Cost {
  readonly depth: number;
  readonly fields: number;
  readonly computed: number;
}

/** Introspection is deep by nature: another rule bounds how deep. */
const introspection = new Set(['__schema', '__type']);
/** What plans networks, or thousands of them. */
const computed = new Set(['estimate', 'validateSpec', 'createExperiment', 'inspect', 'measureClaim']);

function costOf(
  set: SelectionSetNode,
  fragment: (name: string) => FragmentDefinitionNode | null | undefined,
  known = new Map<string, Cost>(),
): Cost {
  let [depth, fields, computing] = [0, 0, 0];
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD && selection.name.value === '__typename') continue;
    let inner: Cost = { depth: 0, fields: 0, computed: 0 };
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
    const name = selection.kind === Kind.FIELD ? selection.name.value : null;
    const own = name === null ? 0 : 1;
    if (name === null || !introspection.has(name)) depth = Math.max(depth, inner.depth + own);
    fields += inner.fields + own;
    computing += inner.computed + (name !== null && computed.has(name) ? 1 : 0);
  }
  return { depth, fields, computed: computing };
}

export const limitsRule: ValidationRule = (context: ValidationContext) => ({
  OperationDefinition(node) {
    const { depth, fields, computed } = costOf(node.selectionSet, (name) => context.getFragment(name));
    const refuse = (what: string, got: number, allowed: number) =>
      context.reportError(new GraphQLError(`${what}: at most ${allowed}, got ${got}`, { nodes: node, extensions: { code: 'TOO_COSTLY' } }));
    if (depth > limits.depth) refuse('depth of the operation', depth, limits.depth);
    if (fields > limits.fields) refuse('fields of the operation', fields, limits.fields);
    if (computed > limits.computed) refuse('fields that compute', computed, limits.computed);
    const roots = node.selectionSet.selections.length;
    if (roots > limits.aliases) refuse('root fields of the operation', roots, limits.aliases);
  },
});
