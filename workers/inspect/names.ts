/** @file What names of parameters tell: a role, what belongs together, and in which order it stands in the network. */
import type { ParameterRole } from '#core/inspect/layers.ts';
import type { Shape } from '#core/graph/node.ts';

/** What other libraries call a role, behind the layer's name. */
export const spellings: Readonly<Record<ParameterRole, readonly string[]>> = {
  kernel: ['kernel', 'weight', 'weights', 'w', 'k'],
  bias: ['bias', 'b'],
  scale: ['scale', 'gamma', 'weight', 'g'],
  shift: ['shift', 'beta', 'bias', 'offset', 'b'],
};

/** What a name says of its parameter's role at its end, without the layer: `ln1/bias`, `gamma_3`, `weight`. */
const roleWord = /(?:^|[^a-z])(kernel|weights?|bias|scale|gamma|shift|beta|offset)[^a-z]*$/;
/** A letter that says as much beside its like: `w2` and `b2`; alone it may be any name. */
const roleLetter = /(?:^|[^a-z])([wkgb])[^a-z]*$/;

export const wordOf = (name: string, words = roleWord): string | undefined => words.exec(name.toLowerCase())?.[1];

/** What is left of a name without its word for the role: `m/dense2/` of `m/dense2/bias`, `_2` of `bias_2`; null where it has none. */
export function stemOf(name: string, word = wordOf(name)): string | null {
  return word === undefined ? null : name.toLowerCase().replace(/[a-z]+[^a-z]*$/, (end) => end.slice(word.length));
}

interface Named {
  readonly name: string;
  readonly shape: Shape;
}
/** A kernel or a scale with the vector that goes by the same name, or a parameter alone. */
interface Unit {
  /** Indices into the parameters. */
  readonly members: readonly number[];
  readonly name: string;
  readonly shape: Shape;
  /** Words and numbers of the name, without the role at its end: `net`, `10` of `net.10.weight`. */
  readonly path: readonly string[];
}

/** Pieces of a name that are looked at, at most. */
const maxPieces = 64;
const isNumber = (piece: string | undefined): piece is string => piece !== undefined && /^\d/.test(piece);

function pathOf(name: string, word: string | undefined): string[] {
  const plain = name.toLowerCase().replace(/:\d+$/, ''); // TensorFlow counts outputs behind the name: `dense_1/kernel:0`
  const pieces = plain.match(/\d+|[^\d./:_-]+/g) ?? [];
  const own = pieces.length > 1 && pieces.at(-1) === word ? pieces.slice(0, -1) : pieces;
  return own.slice(0, maxPieces).map((piece) => piece.replace(/^0+(?=\d)/, ''));
}

/** In files that are sorted a bias stands in front of its kernel, or all of them in front of all kernels: here it goes behind it. */
function unitsOf(parameters: readonly Named[]): Unit[] {
  const words = parameters.map(({ name }) => wordOf(name) ?? wordOf(name, roleLetter));
  const stems = parameters.map(({ name }, i) => stemOf(name, words[i]));
  const says = (i: number, ...roles: ParameterRole[]) => roles.some((role) => spellings[role].includes(words[i]!));
  const places = [...parameters.keys()];
  const owners = Map.groupBy(
    places.filter((i) => says(i, 'kernel', 'scale')),
    (i) => stems[i]!,
  );
  const behind = new Map<number, number>();
  for (const i of places) {
    if (!says(i, 'bias', 'shift') || parameters[i]!.shape.length !== 1) continue;
    const near = owners.get(stems[i]!) ?? [];
    const owner = near.find((at) => says(at, says(i, 'bias') ? 'kernel' : 'scale')) ?? (near.length === 1 ? near[0] : undefined);
    if (owner !== undefined && !behind.has(owner)) behind.set(owner, i);
  }
  const vectors = new Set(behind.values());
  return places
    .filter((i) => !vectors.has(i))
    .map((i) => ({
      ...parameters[i]!,
      members: [i, ...(behind.has(i) ? [behind.get(i)!] : [])],
      path: pathOf(parameters[i]!.name, words[i]),
    }));
}

/** Digits without zeros in front; nothing comes before them: `dense`, `dense_1`, `dense_2`. */
const smaller = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/**
 * By the numbers of names that are alike up to there, piece by piece. What differs in a word keeps the places it had: `Dense_1`, `Norm_1`,
 * `Dense_0`, `Norm_0` become `Dense_0`, `Norm_0`, `Dense_1`, `Norm_1`.
 */
function byNumbers(units: readonly Unit[], depth = 0): Unit[] {
  const wordAt = ({ path }: Unit) => (isNumber(path[depth]) ? '' : (path[depth] ?? ''));
  const numbered = (group: readonly Unit[]) =>
    [...Map.groupBy(group, ({ path }) => path[depth] ?? '')]
      .sort(([a], [b]) => smaller(a, b))
      .flatMap(([piece, same]) => (piece === '' ? same : byNumbers(same, depth + 1)));
  if (units.length < 2) return [...units];
  const sorted = new Map(
    [...Map.groupBy(units, wordAt)].map(([word, group]) => [word, (word === '' ? numbered(group) : byNumbers(group, depth + 1)).values()]),
  );
  return units.map((unit) => sorted.get(wordAt(unit))!.next().value!);
}

/** Any order in which those that numbers decide stand side by side, and whether numbers decide between these two. */
function compare({ path: a }: Unit, { path: b }: Unit): { sign: number; decided: boolean } {
  const at = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find((i) => a[i] !== b[i]);
  if (at === undefined) return { sign: 0, decided: false };
  const [one, other] = [a[at], b[at]];
  const rank = (piece: string | undefined) => (piece === undefined ? 0 : isNumber(piece) ? 1 : 2);
  const decided = rank(one) < 2 && rank(other) < 2;
  return { sign: rank(one) - rank(other) || (decided ? smaller(one!, other!) : one! < other! ? -1 : 1), decided };
}

/** Two of one shape, between whose names no number decides; null where there are none. */
function exchangeable(units: readonly Unit[]): readonly [string, string] | null {
  for (const alike of Map.groupBy(units, ({ shape }) => shape.join()).values()) {
    const sorted = alike.toSorted((a, b) => compare(a, b).sign);
    const at = sorted.findIndex((unit, i) => i > 0 && !compare(sorted[i - 1]!, unit).decided);
    if (at > 0) return [sorted[at - 1]!.name, sorted[at]!.name];
  }
  return null;
}

export interface Reading {
  /** Indices of the parameters, layer by layer. */
  readonly order: readonly number[];
  /** Names that could as well change places: the alphabet brought them into their order, which says nothing of the network's. */
  readonly undecided: readonly [string, string] | null;
}

/**
 * The order in which parameters are read by place: by the numbers in their names, each bias behind its kernel and each shift behind its
 * scale; what that leaves open stands as it stood. Files are often sorted by name, `net.10` in front of `net.2`.
 */
export function readingOrder(parameters: readonly Named[]): Reading {
  const units = unitsOf(parameters);
  const order = byNumbers(units).flatMap(({ members }) => members);
  const alphabetical = parameters.every(({ name }, i) => i === 0 || parameters[i - 1]!.name < name);
  const told = order.some((at, i) => at !== i) || units.some(({ path }) => path.some(isNumber));
  return { order, undecided: alphabetical && told ? exchangeable(units) : null };
}
