/**
 * @file Passes over vectors in WebAssembly, four float32 or two float64 at a time: a row of a basis in 0.15 ns a value, where JavaScript takes 0.4.
 *
 * A pass goes over four rows at once and over 64 KiB of its vector at a time, which stay in the second cache while the rows pass by; of 8 KiB
 * the rows come half as fast, too short to be foreseen. Sums of float32 are carried in float32 within such a piece and in float64 beyond.
 */
import { f64, f64x2, i32, loopWhile, moduleOf, v128, type Code, type Kernel, type Local } from './assembler.ts';
import { double, doubleSum, each, single, type Declare, type Element } from './element.ts';
import { words } from './words.ts';

export type Precision = 'float32' | 'float64';

/** Bytes of a piece. */
const piece = 64 * 1024;
/** Rows of a pass; a list of rows is filled up to a multiple of these. */
export const together = 4;

/** Goes over a list of rows, four at a time. `rows` is where their addresses stand, `numbers` where one float64 for each does. */
function groups(rows: Code, numbers: Code, last: Code, local: Declare, body: (row: readonly Local[], number: Local) => Code): Code {
  const [address, number] = [local('i32'), local('i32')];
  const row = Array.from({ length: together }, () => local('i32'));
  return [
    ...address.set(rows),
    ...number.set(numbers),
    ...loopWhile(i32.lessThan(address.get, last), [
      ...row.flatMap((each, k) => each.set(i32.load(address.get, 4 * k))),
      ...body(row, number),
      ...address.set(i32.add(address.get, i32.const(4 * together))),
      ...number.set(i32.add(number.get, i32.const(8 * together))),
    ]),
  ];
}

/** vector ← vector - Σ shareₖ rowₖ from `from` to `end`. */
function subtraction(element: Element, vector: Code, from: Code, end: Code, rows: Code, shares: Code, last: Code, local: Declare): Code {
  const at = local('i32');
  const narrow = Array.from({ length: together }, () => local(element.type));
  const wide = narrow.map(() => local('v128'));
  const place = i32.add(vector, at.get);
  return groups(rows, shares, last, local, (row, number) => {
    const terms = (of: Pick<Element, 'mul' | 'add'>, share: readonly Local[], load: (at: Code) => Code): Code => {
      const [a, b, c, d] = row.map((each, k) => of.mul(share[k]!.get, load(i32.add(each.get, at.get)))) as [Code, Code, Code, Code];
      return of.add(of.add(a, b), of.add(c, d));
    };
    return [
      ...narrow.flatMap((share, k) => share.set(element.fromDouble(f64.load(number.get, 8 * k)))),
      ...wide.flatMap((share, k) => share.set(element.wide.splat(narrow[k]!.get))),
      ...at.set(from),
      ...each(
        element,
        at,
        end,
        v128.store(place, element.wide.sub(v128.load(place), terms(element.wide, wide, v128.load))),
        element.store(place, element.sub(element.load(place), terms(element, narrow, element.load))),
      ),
    ];
  });
}

/** sumₖ ← sumₖ + vector · rowₖ from `from` to `end`. */
function products(element: Element, vector: Code, from: Code, end: Code, rows: Code, sums: Code, last: Code, local: Declare): Code {
  const at = local('i32');
  const wide = Array.from({ length: together }, () => local('v128'));
  const narrow = wide.map(() => local('f64'));
  const value = local('v128');
  const place = i32.add(vector, at.get);
  return groups(rows, sums, last, local, (row, number) => [
    ...wide.flatMap((sum) => sum.set(v128.zero)),
    ...narrow.flatMap((sum) => sum.set(f64.const(0))),
    ...at.set(from),
    ...each(
      element,
      at,
      end,
      [
        ...value.set(v128.load(place)),
        ...row.flatMap((each, k) =>
          wide[k]!.set(element.wide.add(wide[k]!.get, element.wide.mul(value.get, v128.load(i32.add(each.get, at.get))))),
        ),
      ],
      row.flatMap((each, k) => {
        const [a, b] = [element.load(place), element.load(i32.add(each.get, at.get))];
        return narrow[k]!.set(f64.add(narrow[k]!.get, f64.mul(element.toDouble(a), element.toDouble(b))));
      }),
    ),
    ...wide.flatMap((sum, k) => {
      const pairs = element.wide.pairs(sum.get).flatMap((pair) => [f64x2.lane(pair, 0), f64x2.lane(pair, 1)]);
      const total = [f64.load(number.get, 8 * k), narrow[k]!.get, ...pairs].reduce((a, b) => f64.add(a, b));
      return f64.store(number.get, total, 8 * k);
    }),
  ]);
}

/** From `at` to `end` piece by piece. */
function pieces(at: Local, end: Local, local: Declare, body: (from: Code, to: Code) => Code): Code {
  const to = local('i32');
  return loopWhile(i32.lessThan(at.get, end.get), [
    ...to.set(i32.add(at.get, i32.const(piece))),
    ...loopWhile(i32.lessThan(end.get, to.get), to.set(end.get)),
    ...body(at.get, to.get),
    ...at.set(to.get),
  ]);
}

/** Addresses and numbers are bytes; `from` and `end` are those of a span within each vector. */
export interface Kernels {
  /** The words of a stream from `at` to `end`, a multiple of 16 bytes later. */
  words(at: number, end: number, second: number, third: number, key: number, secondKey: number): void;
  /** into ← 16 bits each of the words at `bits`, less their mean. @returns where the next bits are */
  uniform(into: number, from: number, end: number, bits: number): number;
  /** a · b in float64. */
  dot(a: number, b: number, from: number, end: number): number;
  /** into ← factor · of */
  scale(into: number, of: number, from: number, end: number, factor: number): void;
  /** vector ← vector - Σ shareₖ rowₖ. @returns its square length */
  leave(vector: number, from: number, end: number, rows: number, shares: number, last: number): number;
  /** sumₖ ← sumₖ + vector · rowₖ */
  meet(vector: number, from: number, end: number, rows: number, sums: number, last: number): void;
}

const i32s = (count: number) => Array.from({ length: count }, () => 'i32' as const);

function kernelsOf(element: Element): Kernel[] {
  return [
    words,
    {
      name: 'uniform',
      parameters: i32s(4),
      result: 'i32',
      body: ([into, at, end, bits]) => [
        ...loopWhile(i32.lessThan(at!.get, end!.get), [
          ...element.store(
            i32.add(into!.get, at!.get),
            element.fromDouble(f64.sub(f64.convert(i32.load16(bits!.get)), f64.const(32767.5))),
          ),
          ...at!.set(i32.add(at!.get, i32.const(element.bytes))),
          ...bits!.set(i32.add(bits!.get, i32.const(2))),
        ]),
        ...bits!.get,
      ],
    },
    {
      name: 'dot',
      parameters: i32s(4),
      result: 'f64',
      body([a, b, at, end], local) {
        const [x, y] = [local('v128'), local('v128')];
        const [ofA, ofB] = [i32.add(a!.get, at!.get), i32.add(b!.get, at!.get)];
        const sum = doubleSum(element, local);
        const wide = [...x.set(v128.load(ofA)), ...y.set(v128.load(ofB)), ...sum.wide(x.get, y.get)];
        return [...each(element, at!, end!.get, wide, sum.narrow(element.load(ofA), element.load(ofB))), ...sum.total];
      },
    },
    {
      name: 'scale',
      parameters: [...i32s(4), 'f64'],
      body([into, of, at, end, factor], local) {
        const [x, times] = [local('v128'), local('v128')];
        const [target, source] = [i32.add(into!.get, at!.get), i32.add(of!.get, at!.get)];
        const pairs = element.wide.pairs(x.get).map((pair) => f64x2.mul(pair, times.get));
        return [
          ...times.set(f64x2.splat(factor!.get)),
          ...each(
            element,
            at!,
            end!.get,
            [...x.set(v128.load(source)), ...v128.store(target, element.wide.joined(pairs))],
            element.store(target, element.fromDouble(f64.mul(element.toDouble(element.load(source)), factor!.get))),
          ),
        ];
      },
    },
    {
      name: 'leave',
      parameters: i32s(6),
      result: 'f64',
      body([vector, at, end, rows, shares, last], local) {
        const [i, x] = [local('i32'), local('v128')];
        const sum = doubleSum(element, local);
        const place = i32.add(vector!.get, i.get);
        return [
          ...pieces(at!, end!, local, (from, to) => [
            ...subtraction(element, vector!.get, from, to, rows!.get, shares!.get, last!.get, local),
            ...i.set(from),
            ...each(
              element,
              i,
              to,
              [...x.set(v128.load(place)), ...sum.wide(x.get, x.get)],
              sum.narrow(element.load(place), element.load(place)),
            ),
          ]),
          ...sum.total,
        ];
      },
    },
    {
      name: 'meet',
      parameters: i32s(6),
      body: ([vector, at, end, rows, sums, last], local) =>
        pieces(at!, end!, local, (from, to) => products(element, vector!.get, from, to, rows!.get, sums!.get, last!.get, local)),
    },
  ];
}

const modules: Partial<Record<Precision, WebAssembly.Module>> = {};

export function kernelsFor(precision: Precision, memory: WebAssembly.Memory): Kernels {
  const compiled = (modules[precision] ??= new WebAssembly.Module(moduleOf(kernelsOf(precision === 'float64' ? double : single))));
  // exports are typed by name and nothing else; what they take and give is what `kernelsOf` says above
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
}
