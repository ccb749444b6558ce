/** @file Norms through deep random layers, drawn layer by layer: the norm of W x needs ‖x‖ and fresh Gaussians only, not the matrix. */
import { rng } from '../../rng.ts';

/** log(‖x_L‖²/‖x_0‖²) of each network that is still alive; weights Gaussian of variance 2/d (ReLU) or 1/d. */
export function logNorms(
  { width, depth, relu, draws }: { width: number; depth: number; relu: boolean; draws: number },
  seed: number,
): number[] {
  const random = rng(seed, 'init', width, depth);
  const values: number[] = [];
  for (let i = 0; i < draws; i++) {
    let log = 0;
    for (let layer = 0; layer < depth; layer++) {
      let square = 0;
      for (let k = 0; k < width; k++) {
        const h = random.normal();
        if (!relu || h > 0) square += h * h;
      }
      log += Math.log(((relu ? 2 : 1) * square) / width);
    }
    if (Number.isFinite(log)) values.push(log);
  }
  return values;
}
