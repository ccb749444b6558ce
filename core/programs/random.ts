/**
 * @file Random numbers that a training program wants at every step: dropout's masks, Langevin noise. Made on the host from counters, so
 * that every runtime sees the same, whichever way the steps are cut into calls and whether or not the run was interrupted.
 */
import type { Builder } from '../graph/builder.ts';
import { sizeOf, type Node, type Shape } from '../graph/node.ts';
import { rng } from '../rng.ts';

export interface RandomRow {
  readonly name: string;
  readonly input: Node;
  /** `normal`: independent standard normal; a number: 1/p with probability p, else 0. */
  readonly law: 'normal' | number;
  /** Place among the rows of its law, which names its stream. */
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

/** Values of the rows for the steps first … first + steps - 1, in float64. */
export function randomValues(rows: readonly RandomRow[], seed: number, first: number, steps: number): Record<string, Float64Array> {
  return Object.fromEntries(
    rows.map(({ name, input, law, place }) => {
      const size = sizeOf(input.shape);
      const values = new Float64Array(steps * size);
      for (let k = 0; k < steps; k++) {
        const random = rng(seed, law === 'normal' ? 'langevin' : 'dropout', first + k, place);
        const draw = law === 'normal' ? () => random.normal() : () => (random.uniform() < law ? 1 / law : 0);
        for (let i = 0; i < size; i++) values[k * size + i] = draw();
      }
      return [name, values];
    }),
  );
}
