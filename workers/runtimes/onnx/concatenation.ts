/** @file Joining parts along an axis, also a thousand of them. */
import type { Scope } from './scope.ts';

const joinedAtOnce = 32;

/**
 * Many parts are joined in groups first, whose parts then lend their memory to the next group's: ONNX Runtime's planner compares each new
 * tensor with all that are free, and a thousand layers' gradients that wait for one join took it seconds.
 */
export function concatenation(scope: Scope, parts: readonly string[], axis: number): string {
  if (parts.length <= 2 * joinedAtOnce) return scope.emit('Concat', parts, { axis });
  const groups = Array.from({ length: Math.ceil(parts.length / joinedAtOnce) }, (_, i) =>
    parts.slice(i * joinedAtOnce, (i + 1) * joinedAtOnce),
  );
  return concatenation(
    scope,
    groups.map((group) => scope.emit('Concat', group, { axis })),
    axis,
  );
}
