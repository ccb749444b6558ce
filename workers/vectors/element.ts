/** @file The values that vectors are made of: float32, four at a time, or float64, two at a time; sums of both in float64. */
import { f32, f32x4, f64, f64x2, i32, loopWhile, v128, type Code, type Local, type ValueType } from './assembler.ts';

/** What all kernels of one precision are written in. */
export interface Element {
  readonly type: ValueType;
  readonly bytes: number;
  load(at: Code): Code;
  store(at: Code, value: Code): Code;
  add(a: Code, b: Code): Code;
  sub(a: Code, b: Code): Code;
  mul(a: Code, b: Code): Code;
  toDouble(x: Code): Code;
  fromDouble(x: Code): Code;
  readonly wide: {
    splat(x: Code): Code;
    add(a: Code, b: Code): Code;
    sub(a: Code, b: Code): Code;
    mul(a: Code, b: Code): Code;
    /** The same values as pairs of float64. */
    pairs(x: Code): Code[];
    joined(pairs: readonly Code[]): Code;
  };
}

const bytes = (...ranges: [from: number, count: number][]) =>
  ranges.flatMap(([from, count]) => Array.from({ length: count }, (_, i) => from + i));

export const single: Element = {
  type: 'f32',
  bytes: 4,
  load: f32.load,
  store: f32.store,
  add: f32.add,
  sub: f32.sub,
  mul: f32.mul,
  toDouble: f64.promote,
  fromDouble: f32.demote,
  wide: {
    ...f32x4,
    pairs: (x) => [f64x2.promote(x), f64x2.promote(v128.shuffle(x, x, bytes([8, 8], [8, 8])))],
    joined: ([low, high]) => v128.shuffle(f32x4.demote(low!), f32x4.demote(high!), bytes([0, 8], [16, 8])),
  },
};

export const double: Element = {
  type: 'f64',
  bytes: 8,
  load: f64.load,
  store: f64.store,
  add: f64.add,
  sub: f64.sub,
  mul: f64.mul,
  toDouble: (x) => x,
  fromDouble: (x) => x,
  wide: { ...f64x2, pairs: (x) => [x], joined: ([x]) => x! },
};

export type Declare = (type: ValueType) => Local;

/** `at` goes to `end`, 16 bytes at a time and then by single values. */
export const each = (element: Element, at: Local, end: Code, wide: Code, narrow: Code): Code => [
  ...loopWhile(i32.lessOrEqual(i32.add(at.get, i32.const(16)), end), [...wide, ...at.set(i32.add(at.get, i32.const(16)))]),
  ...loopWhile(i32.lessThan(at.get, end), [...narrow, ...at.set(i32.add(at.get, i32.const(element.bytes)))]),
];

/** A sum in float64: of pairs in `wide`, of single values in `narrow`. */
export function doubleSum(element: Element, local: Declare) {
  const [pairs, singles] = [local('v128'), local('f64')];
  return {
    wide: (a: Code, b: Code): Code => {
      const others = element.wide.pairs(b);
      return element.wide.pairs(a).flatMap((pair, i) => pairs.set(f64x2.add(pairs.get, f64x2.mul(pair, others[i]!))));
    },
    narrow: (a: Code, b: Code): Code => singles.set(f64.add(singles.get, f64.mul(element.toDouble(a), element.toDouble(b)))),
    total: f64.add(singles.get, f64.add(f64x2.lane(pairs.get, 0), f64x2.lane(pairs.get, 1))),
  };
}
