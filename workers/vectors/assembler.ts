/**
 * @file A small assembler of WebAssembly: expressions are lists of bytes, made by functions that are named like the instructions. Enough for loops
 * over vectors in a memory; numbers of instructions are those of the core specification 2.0.
 */

export type Code = readonly number[];
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

const typeCode: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const none = 0x40;

/** LEB128 of a number that is not negative. */
function unsigned(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest === 0 ? [low] : [low | 0x80, ...unsigned(rest)];
}

/** LEB128 of a number with a sign. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signed(rest)];
}

const plain =
  (instruction: number) =>
  (...operands: Code[]): Code => [...operands.flat(), instruction];
const wide =
  (instruction: number) =>
  (...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(instruction)];
/** What is read or written at an address: `bytes` of it as a power of two, the alignment that is promised. */
const memory = (code: Code, bytes: number, offset: number): Code => [...code, ...unsigned(bytes), ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: plain(0x6a),
  sub: plain(0x6b),
  xor: plain(0x73),
  wrap: plain(0xa7),
  lessThan: plain(0x49),
  lessOrEqual: plain(0x4d),
  load: (at: Code, offset = 0): Code => [...at, ...memory([0x28], 2, offset)],
  load16: (at: Code): Code => [...at, ...memory([0x2f], 1, 0)],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, ...memory([0x36], 2, offset)],
};
export const i64 = {
  const: (value: number): Code => [0x42, ...signed(value)],
  extend: plain(0xad),
  mul: plain(0x7e),
  shiftRight: plain(0x88),
};
export const f32 = {
  add: plain(0x92),
  sub: plain(0x93),
  mul: plain(0x94),
  demote: plain(0xb6),
  load: (at: Code, offset = 0): Code => [...at, ...memory([0x2a], 2, offset)],
  store: (at: Code, value: Code): Code => [...at, ...value, ...memory([0x38], 2, 0)],
};
export const f64 = {
  add: plain(0xa0),
  sub: plain(0xa1),
  mul: plain(0xa2),
  promote: plain(0xbb),
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  convert: plain(0xb8),
  load: (at: Code, offset = 0): Code => [...at, ...memory([0x2b], 3, offset)],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, ...memory([0x39], 3, offset)],
};
export const v128 = {
  zero: [0xfd, 0x0c, ...new Array<number>(16).fill(0)] as Code,
  load: (at: Code): Code => [...at, ...memory([0xfd, 0x00], 2, 0)],
  store: (at: Code, value: Code): Code => [...at, ...value, ...memory([0xfd, 0x0b], 2, 0)],
  /** Bytes of both operands by number: 0…15 of the first, 16…31 of the second. */
  shuffle: (a: Code, b: Code, bytes: readonly number[]): Code => [...a, ...b, 0xfd, 0x0d, ...bytes],
};
export const f32x4 = {
  splat: wide(0x13),
  add: wide(0xe4),
  sub: wide(0xe5),
  mul: wide(0xe6),
  /** Two float64 as the lower half, zeros above. */
  demote: wide(0x5e),
};
export const f64x2 = {
  splat: wide(0x14),
  lane: (of: Code, lane: number): Code => [...of, 0xfd, 0x21, lane],
  add: wide(0xf0),
  sub: wide(0xf1),
  mul: wide(0xf2),
  /** The lower half of four float32. */
  promote: wide(0x5f),
};

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** Runs the body as long as the condition holds. */
export const loopWhile = (condition: Code, body: Code): Code => [
  ...[...condition, 0x04, none],
  ...[0x03, none, ...body, ...condition, 0x0d, 0, 0x0b],
  0x0b,
];

export interface Kernel {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  /** @param local declares a local variable, which starts as zero */
  body(parameters: readonly Local[], local: (type: ValueType) => Local): Code;
}

/** A module whose kernels work on the memory `env.memory`. */
export function moduleOf(kernels: readonly Kernel[]): Uint8Array<ArrayBuffer> {
  const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const text = (value: string): Code => list(Array.from(new TextEncoder().encode(value), (byte) => [byte]));
  const local = (index: number): Local => ({
    get: [0x20, ...unsigned(index)],
    set: (value) => [...value, 0x21, ...unsigned(index)],
  });
  const types = kernels.map(({ parameters, result }) => [
    0x60,
    ...list(parameters.map((type) => [typeCode[type]])),
    ...list(result ? [[typeCode[result]]] : []),
  ]);
  const bodies = kernels.map(({ parameters, body }) => {
    const declared: ValueType[] = [];
    const code = body(
      parameters.map((_, index) => local(index)),
      (type) => local(parameters.length + declared.push(type) - 1),
    );
    const content = [...list(declared.map((type) => [1, typeCode[type]])), ...code, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('env'), ...text('memory'), 0x02, 0x00, 0]])),
    ...section(3, list(kernels.map((_, index) => unsigned(index)))),
    ...section(7, list(kernels.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, list(bodies)),
  ]);
}
