/** @file Sweeps: specs that differ in named fields. */
import { canonical, limits, parseSpecs, SpecError, type Spec } from './spec.ts';

/** One axis of a sweep: a field of the spec by its path (`seed`, `optimizer.learningRate`, `regularizer`) and the values it takes. */
export interface GridAxis {
  readonly path: string;
  readonly values: readonly unknown[];
}

/**
 * Every combination of the axes, the last one fastest, each a full spec.
 * @throws SpecError for axes without values, twice the same field, too many runs, equal specs, or any fault of a single spec
 */
export const expandGrid = (base: unknown, grid: readonly GridAxis[] = []): Spec[] => [...gridSpecs(base, grid)];

/** The same one after another: a thousand deep networks take seconds, and others may want a turn. */
export function* gridSpecs(base: unknown, grid: readonly GridAxis[] = []): Generator<Spec, void> {
  const fault = (path: string, message: string): never => {
    throw new SpecError([{ path, message }]);
  };
  if (!Array.isArray(grid)) fault('grid', 'must be a list of { path, values }');
  const seen = new Set<string>();
  grid.forEach((axis: GridAxis | null, i) => {
    const at = `grid.${i}`;
    if (typeof axis?.path !== 'string' || !/^[a-zA-Z]+(\.[a-zA-Z0-9]+)*$/.test(axis.path))
      fault(`${at}.path`, `must name a field such as optimizer.learningRate, got ${shown(axis?.path)}`);
    if (!Array.isArray(axis!.values) || axis!.values.length === 0) fault(`${at}.values`, 'must be a list of at least one value');
    if (seen.has(axis!.path)) fault(`${at}.path`, `${shown(axis!.path)} stands twice`);
    seen.add(axis!.path);
  });
  const runs = grid.reduce((product, { values }) => product * values.length, 1);
  if (runs > limits.runs) fault('grid', `must make at most ${limits.runs} runs, got ${runs}`);
  let drafts: unknown[] = [base];
  for (const { path, values } of grid) drafts = drafts.flatMap((draft) => values.map((value) => withField(draft, path.split('.'), value)));
  const texts = new Set<string>();
  for (const spec of parseSpecs(drafts)) {
    texts.add(canonical(spec));
    yield spec;
  }
  if (texts.size < drafts.length)
    fault('grid', `${drafts.length - texts.size} of ${drafts.length} runs are equal to another; every combination must differ`);
}

/** What was written, cut off where it is long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function withField(draft: unknown, [head, ...rest]: string[], value: unknown): unknown {
  const object = typeof draft === 'string' ? { kind: draft } : ((draft ?? {}) as Record<string, unknown>);
  return { ...object, [head!]: rest.length === 0 ? value : withField((object as Record<string, unknown>)[head!], rest, value) };
}

/** Paths of the fields in which the specs differ, with each spec's value; a whole choice counts as one field when its kinds differ. */
export function differingFields(specs: readonly Spec[]): { path: string; values: unknown[] }[] {
  const visit = (parts: unknown[], path: string): { path: string; values: unknown[] }[] => {
    if (parts.every((part) => JSON.stringify(part) === JSON.stringify(parts[0]))) return [];
    const objects = parts.every((part) => typeof part === 'object' && part !== null && !Array.isArray(part));
    const kinds = new Set(parts.map((part) => (part as { kind?: unknown } | null)?.kind));
    if (!objects || kinds.size > 1) return [{ path, values: parts }];
    const keys = new Set(parts.flatMap((part) => Object.keys(part as object)));
    return [...keys].flatMap((key) =>
      visit(
        parts.map((part) => (part as Record<string, unknown>)[key]),
        path ? `${path}.${key}` : key,
      ),
    );
  };
  return visit([...specs], '');
}
