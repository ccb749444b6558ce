/** @file What takes many products at once: norms of all blocks, layer by layer, and for small networks every eigenvalue. */
import { symmetricEigen } from '#core/curvature/symmetric.ts';
import { dimension, hessianProduct } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import { mean, standardError } from '#core/statistics.ts';
import { dotWithin, scaleInto, spansOfLayers, zeros, type CurvatureGround, type CurvaturePart } from './curvaturePart.ts';
import { rootError } from './curvatureProbes.ts';
import { openProducts } from './curvatureProducts.ts';
import { takeTriangle } from './vectors/triangle.ts';

const probes = 4;

/**
 * ‖H_kl‖_F for every pair of layers, with its standard error; a product for each layer and probe: ‖(H z_l)_k‖² has the expectation ‖H_kl‖_F²
 * for z of independent signs.
 */
export async function openOffDiagonal(ground: CurvatureGround, stream: number): Promise<CurvaturePart> {
  const { objective, held, seed } = ground;
  const products = await openProducts(ground, hessianProduct);
  const size = dimension(objective);
  const layers = spansOfLayers(objective);
  const [probe, part, image] = [zeros(objective, size), zeros(objective, size), zeros(objective, size)];
  return {
    async measure(step, parameters) {
      const draws: Float64Array[] = [];
      const at = await products.at({ ...parameters, ...held });
      for (let draw = 0; draw < probes; draw++) {
        const random = rng(seed, 'probe', step, stream + draw);
        for (let i = 0; i < size; i++) probe[i] = random.rademacher();
        const squares = new Float64Array(layers.length ** 2);
        for (const [l, own] of layers.entries()) {
          part.fill(0);
          scaleInto(part, own, probe, 1);
          await at.product(part, image);
          layers.forEach((spans, k) => (squares[k * layers.length + l] = dotWithin(spans, image, image)));
        }
        // H is symmetric: both halves estimate the same, their mean has less noise; its spread over the probes knows how much less
        draws.push(
          squares.map((square, at) => {
            const [k, l] = [Math.floor(at / layers.length), at % layers.length];
            return (square + squares[l * layers.length + k]!) / 2;
          }),
        );
      }
      at.release();
      const perBlock = (of: (squares: number[]) => number) => draws[0]!.map((_, at) => of(draws.map((squares) => squares[at]!)));
      return [
        { metric: 'blockNorms', values: perBlock((squares) => Math.sqrt(mean(squares))) },
        { metric: 'blockNormsError', values: perBlock((squares) => rootError(mean(squares), standardError(squares))) },
      ];
    },
    close: () => products.close(),
  };
}

/** All eigenvalues, from the Hessian's columns. */
export async function openExact(ground: CurvatureGround): Promise<CurvaturePart> {
  const { objective, held } = ground;
  const products = await openProducts(ground, hessianProduct);
  const size = dimension(objective);
  const unit = zeros(objective, size);
  return {
    async measure(_, parameters) {
      const columns = zeros(objective, size * size);
      const at = await products.at({ ...parameters, ...held });
      for (let i = 0; i < size; i++) {
        unit[i] = 1;
        await at.product(unit, columns.subarray(i * size, (i + 1) * size));
        unit[i] = 0;
      }
      at.release();
      const values = columns.every(Number.isFinite) ? symmetricEigen(columns, size, takeTriangle).values : new Float64Array(size).fill(NaN);
      return [{ metric: 'hessianSpectrum', values }];
    },
    close: () => products.close(),
  };
}
