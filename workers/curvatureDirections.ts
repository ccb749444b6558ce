/** @file Curvature along directions that training takes: the gradient of the curvature batch, and the last update. */
import { sizeOf } from '#core/graph/node.ts';
import { norm } from '#core/metrics/moments.ts';
import { dimension, gradientProgram, productProgram } from '#core/programs/lanczos.ts';
import { zeros, type CurvatureGround, type CurvaturePart, type CurvatureRow, type Parameters } from './curvaturePart.ts';

export interface UpdatePart extends CurvaturePart {
  /** uᵀHu/‖u‖² at the weights `before` a step that led to `after`. */
  along(before: Parameters, after: Parameters): Promise<CurvatureRow[]>;
}

export async function openDirections({ runtime, objective, held }: CurvatureGround): Promise<UpdatePart> {
  const gradient = await runtime.compile(gradientProgram(objective));
  const product = await runtime.compile(productProgram(objective));
  const size = dimension(objective);
  return {
    async measure(_, parameters) {
      const { records } = await gradient.run({ state: {}, held: { ...parameters, ...held }, rows: {}, steps: 1 });
      // no slope, no direction
      const along = records.length![0]! > 0 || Number.isNaN(records.length![0]!) ? records.along![0]! : NaN;
      return [{ metric: 'gradientSharpness', values: Float64Array.of(along) }];
    },
    async along(before, after) {
      const update = new Float64Array(size);
      let offset = 0;
      for (const { name, input } of objective.parameters) {
        const [from, to] = [await runtime.read(before[name]!), await runtime.read(after[name]!)];
        for (let i = 0; i < from.length; i++) update[offset + i] = to[i]! - from[i]!;
        offset += sizeOf(input.shape);
      }
      const length = norm(update);
      const unit = update.map((value) => value / length);
      const direction = zeros(objective, size);
      direction.set(unit);
      const { records } = await product.run({ state: {}, held: { ...before, ...held }, rows: { direction }, steps: 1 });
      const quotient = unit.reduce((sum, value, i) => sum + value * records.product![i]!, 0);
      return [{ metric: 'updateSharpness', values: Float64Array.of(quotient) }];
    },
    async close() {
      await gradient.close();
      await product.close();
    },
  };
}
