/** @file What takes many products at once: norms of all blocks, layer by layer, and for small networks every eigenvalue. */
import { sizeOf } from '#core/graph/node.ts';
import { symmetricEigen } from '#core/curvature/symmetric.ts';
import { crossProgram, dimension, productProgram } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import { layerCount, zeros, type CurvatureGround, type CurvaturePart } from './curvaturePart.ts';

const probes = 4;

/** ‖H_kl‖_F for every pair of layers; a product for each layer and probe. */
export async function openOffDiagonal(ground: CurvatureGround, stream: number): Promise<CurvaturePart> {
  const { runtime, objective, held, seed } = ground;
  const program = await runtime.compile(crossProgram(objective));
  const size = dimension(objective);
  const layers = layerCount(objective);
  const memberLayer = objective.members.flat().map(({ layer }) => layer);
  const owners = zeros(objective, size);
  let offset = 0;
  objective.parameters.forEach(({ input }, stack) => {
    const of = objective.members[stack]!;
    const length = sizeOf(input.shape) / of.length;
    for (const { layer } of of) owners.fill(layer, offset, (offset += length));
  });
  const layer = zeros(objective, layers).map((_, l) => l);
  return {
    async measure(step, parameters) {
      const squares = new Float64Array(layers * layers);
      const ownersHandle = await runtime.upload(owners, [1, size]);
      for (let draw = 0; draw < probes; draw++) {
        const random = rng(seed, 'probe', step, stream + draw);
        const probe = await runtime.upload(
          zeros(objective, size).map(() => random.rademacher()),
          [1, size],
        );
        const call = { state: {}, held: { ...parameters, ...held, probe, owners: ownersHandle }, rows: { layer }, steps: layers };
        const { records } = await program.run(call);
        runtime.release(probe);
        for (let l = 0; l < layers; l++)
          memberLayer.forEach((k, m) => (squares[k * layers + l]! += records.norms![l * memberLayer.length + m]! ** 2 / probes));
      }
      runtime.release(ownersHandle);
      // H is symmetric: both halves estimate the same, their mean has less noise
      const norms = squares.map((_, at) => {
        const [k, l] = [Math.floor(at / layers), at % layers];
        return Math.sqrt((squares[k * layers + l]! + squares[l * layers + k]!) / 2);
      });
      return [{ metric: 'blockNorms', values: norms }];
    },
    close: () => program.close(),
  };
}

/** All eigenvalues, from the Hessian's columns. */
export async function openExact({ runtime, objective, held }: CurvatureGround): Promise<CurvaturePart> {
  const program = await runtime.compile(productProgram(objective));
  const size = dimension(objective);
  return {
    async measure(_, parameters) {
      const direction = zeros(objective, size * size);
      for (let i = 0; i < size; i++) direction[i * size + i] = 1;
      const { records } = await program.run({ state: {}, held: { ...parameters, ...held }, rows: { direction }, steps: size });
      const finite = records.product!.every(Number.isFinite);
      return [
        { metric: 'hessianSpectrum', values: finite ? symmetricEigen(records.product!, size).values : new Float64Array(size).fill(NaN) },
      ];
    },
    close: () => program.close(),
  };
}
