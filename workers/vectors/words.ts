/** @file Random words in WebAssembly: those of `randomWords` (core/rng.ts), at 2 ns a word in place of 15. */
import { i32, i64, loopWhile, type Code, type Kernel, type Local } from './assembler.ts';

/** Parameters: where the words go, where they end, the third and fourth word of the counter, and the key. The first is the block's number. */
export const words: Kernel = {
  name: 'words',
  parameters: Array.from({ length: 6 }, () => 'i32' as const),
  body([at, end, second, third, key, secondKey], local) {
    const block = local('i32');
    const counter = Array.from({ length: 4 }, () => local('i32'));
    const [a, b] = [local('i64'), local('i64')];
    const [c0, c1, c2, c3] = counter.map(({ get }) => get) as [Code, Code, Code, Code];
    const product = (of: Code, factor: number): Code => i64.mul(i64.extend(of), i64.extend(i32.const(factor | 0)));
    const high = (of: Local): Code => i32.wrap(i64.shiftRight(of.get, i64.const(32)));
    const round = (number: number): Code => [
      ...a.set(product(c0, 0xd2511f53)),
      ...b.set(product(c2, 0xcd9e8d57)),
      ...counter[0]!.set(i32.xor(i32.xor(high(b), c1), i32.add(key!.get, i32.const(Math.imul(number, 0x9e3779b9))))),
      ...counter[1]!.set(i32.wrap(b.get)),
      ...counter[2]!.set(i32.xor(i32.xor(high(a), c3), i32.add(secondKey!.get, i32.const(Math.imul(number, 0xbb67ae85))))),
      ...counter[3]!.set(i32.wrap(a.get)),
    ];
    return loopWhile(i32.lessThan(at!.get, end!.get), [
      ...counter[0]!.set(block.get),
      ...counter[1]!.set(i32.const(0)),
      ...counter[2]!.set(second!.get),
      ...counter[3]!.set(third!.get),
      ...Array.from({ length: 10 }, (_, number) => round(number)).flat(),
      ...counter.flatMap((word, i) => i32.store(at!.get, word.get, 4 * i)),
      ...block.set(i32.add(block.get, i32.const(1))),
      ...at!.set(i32.add(at!.get, i32.const(16))),
    ]);
  },
};
