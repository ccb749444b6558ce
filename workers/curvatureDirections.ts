/** @file Curvature along directions that training takes: the gradient of the curvature batch, and the last update. */
import { sizeOf } from '#core/graph/node.ts';
import { norm } from '#core/metrics/moments.ts';
import { dimension, gradientProgram, hessianProduct } from '#core/programs/lanczos.ts';
import { dotWithin, zeros, type CurvatureGround, type CurvaturePart, type CurvatureRow, type Parameters } from './curvaturePart.ts';
import { openProducts } from './curvatureProducts.ts';

export interface UpdatePart extends CurvaturePart {
  /** uᵀHu/‖u‖² at the weights `before` a step that led to `after`. */
  along(before: Parameters, after: Parameters): Promise<CurvatureRow[]>;
}

export async function openDirections(ground: CurvatureGround): Promise<UpdatePart> {
  const { runtime, objective, held } = ground;
  const size = dimension(objective);
  const gradient = await runtime.compile(gradientProgram(objective));
  const products = await openProducts(ground, hessianProduct);
  const [direction, unit, image] = [zeros(objective, size), zeros(objective, size), zeros(objective, size)];
  /** vᵀHv/‖v‖²; NaN for a vector of zeros, which is no direction. */
  async function quotient(parameters: Parameters, vector: Float64Array | Float32Array): Promise<number> {
    const length = norm(vector);
    vector.forEach((value, i) => (unit[i] = value / length));
    const at = await products.at({ ...parameters, ...held });
    await at.product(unit, image);
    at.release();
    return dotWithin([[0, size]], unit, image);
  }
  return {
    async measure(_, parameters) {
      await gradient.run({ state: {}, held: { ...parameters, ...held }, rows: {}, steps: 1, into: { gradient: direction } });
      return [{ metric: 'gradientSharpness', values: Float64Array.of(await quotient(parameters, direction)) }];
    },
    async along(before, after) {
      const update = new Float64Array(size);
      let offset = 0;
      for (const { name, input } of objective.parameters) {
        const [from, to] = [await runtime.read(before[name]!), await runtime.read(after[name]!)];
        for (let i = 0; i < from.length; i++) update[offset + i] = to[i]! - from[i]!;
        offset += sizeOf(input.shape);
      }
      return [{ metric: 'updateSharpness', values: Float64Array.of(await quotient(before, update)) }];
    },
    async close() {
      await gradient.close();
      await products.close();
    },
  };
}
