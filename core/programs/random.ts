/**
 * @file Random numbers that a training program wants at every step: dropout's masks, Langevin noise, draws of blocks. Made on the host from
 * counters, so that every runtime sees the same, whichever way the steps are cut into calls and whether or not the run was interrupted.
 */
import type { Builder } from '../graph/builder.ts';
import { sizeOf, type Node, type Shape, type Values } from '../graph/node.ts';
import { randomWords } from '../rng.ts';

export interface RandomRow {
  readonly name: string;
  readonly input: Node;
  /** `normal`: independent standard normal; `uniform`: in [0, 1), the same in every precision; a number p: 1/p with probability p, else 0. */
  readonly law: 'normal' | 'uniform' | number;
  /** Place among the rows, which names its stream. */
  readonly place: number;
}

/** Collects the rows a graph asks for while it is built. */
export function createRandomRows(g: Builder): { readonly rows: RandomRow[]; ask(law: RandomRow['law'], shape: Shape): Node } {
  const rows: RandomRow[] = [];
  return {
    rows,
    ask(law, shape) {
      const name = `random/${rows.length}`;
      const input = g.input(name, shape);
      rows.push({ name, input, law, place: rows.length });
      return input;
    },
  };
}

/** Values of the rows for the steps first … first + steps - 1, in each row's own type. */
export function randomValues(rows: readonly RandomRow[], seed: number, first: number, steps: number): Record<string, Values> {
  return Object.fromEntries(
    rows.map(({ name, input, law, place }) => {
      const size = sizeOf(input.shape);
      const values = new (input.dtype === 'float32' ? Float32Array : Float64Array)(steps * size);
      for (let k = 0; k < steps; k++) {
        const out = values.subarray(k * size, (k + 1) * size);
        if (law === 'normal') fillNormal(out, randomWords(2 * Math.ceil(size / 2), seed, 'langevin', first + k, place));
        else if (law === 'uniform') fillUniform(out, randomWords(size, seed, 'survival', first + k, place));
        else fillMask(out, randomWords(Math.ceil(size / 2), seed, 'dropout', first + k, place), law);
      }
      return [name, values];
    }),
  );
}

/** Two normal numbers of two words (Box and Muller 1958). */
function fillNormal(out: Float32Array | Float64Array, words: Uint32Array): void {
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((words[i]! + 1) / 0x100000000));
    const angle = (2 * Math.PI * words[i + 1]!) / 0x100000000;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}

/** Of 24 bits, which float32 holds exactly: what is drawn by them does not depend on the precision. */
function fillUniform(out: Float32Array | Float64Array, words: Uint32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = (words[i]! >>> 8) / 0x1000000;
}

/** Two entries of one word: p to 16 bits. 41,000 entries, as 10 layers of 64 want at a batch of 64, take 0.5 ms; a draw each took 37 ms. */
function fillMask(out: Float32Array | Float64Array, words: Uint32Array, p: number): void {
  const limit = Math.round(p * 0x10000);
  const kept = 1 / p;
  for (let i = 0; i < out.length; i++) {
    const word = words[i >> 1]!;
    out[i] = (i & 1 ? word >>> 16 : word & 0xffff) < limit ? kept : 0;
  }
}
