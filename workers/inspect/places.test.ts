/** @file Parameters without names: on drawn lists of layers, what is read is the one way there is, or nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerFault, layerNetwork, type LayerSpec, type ParameterSlot } from '#core/inspect/layers.ts';
import { sizeOf } from '#core/graph/node.ts';
import { rng } from '#core/rng.ts';
import { givenShapes, matchParameters } from './parameters.ts';
import { InspectRefusal } from './refusal.ts';

const random = rng(1, 'test');
const one = <T>(choices: readonly T[]): T => choices[random.integer(choices.length)]!;
const written = (slots: readonly ParameterSlot[]) => slots.map(({ name, shape }) => `${name} [${shape}]`).join();
const shapes = (slots: readonly ParameterSlot[]) => slots.map(({ shape }) => `[${shape}]`).join();

/** A list as it is asked, and the same with everything said. */
function draw(): { asked: LayerSpec[]; truth: LayerSpec[] } {
  const open = [undefined, undefined, true, false];
  const asked = Array.from({ length: 1 + random.integer(5) }, (_, i): LayerSpec =>
    random.integer(2) === 0
      ? { type: 'dense', name: `dense${i}`, out: 1 + random.integer(3), bias: one(open) }
      : { type: 'layernorm', name: `norm${i}`, eps: 1e-5, affine: one(open) },
  );
  return { asked, truth: everySaid(asked, () => random.integer(2) === 0)[0]! };
}
/** Every way to say what is left open, or the one that `choose` chooses. */
function everySaid(layers: readonly LayerSpec[], choose?: () => boolean): LayerSpec[][] {
  return layers.reduce<LayerSpec[][]>(
    (lists, layer) => {
      const said = layer.type === 'dense' ? layer.bias : layer.type === 'layernorm' ? layer.affine : true;
      const ways = said !== undefined ? [said] : choose ? [choose()] : [true, false];
      return lists.flatMap((list) =>
        ways.map((way): LayerSpec[] => [
          ...list,
          layer.type === 'dense' ? { ...layer, bias: way } : ({ ...layer, affine: way } as LayerSpec),
        ]),
      );
    },
    [[]],
  );
}

test('of 3,000 lists none is read in another way than the only one, and several ways are refused', () => {
  const counts = { read: 0, several: 0, unread: 0 };
  for (let i = 0; i < 3_000; i++) {
    const { asked, truth } = draw();
    const input = [4, 1 + random.integer(3)];
    const slotsOf = (layers: readonly LayerSpec[]) => layerNetwork(layers, input, givenShapes([], [])).slots;
    const given = slotsOf(truth);
    if (given.length === 0) continue;
    const ways = everySaid(asked)
      .map(slotsOf)
      .filter((slots) => shapes(slots) === shapes(given));
    const parameters = given.map(({ shape }, at) => ({ name: `p${at}`, shape, data: new Float64Array(sizeOf(shape)) }));
    const widthsLeftOut = asked.map((layer) => (layer.type === 'dense' && one([true, false]) ? { ...layer, out: undefined } : layer));
    const names = asked.map(({ name }) => name);
    try {
      const network = layerNetwork(widthsLeftOut, input, givenShapes(parameters, names));
      assert.deepEqual(matchParameters(network, parameters), Array.from(parameters.keys()));
      assert.deepEqual(ways.map(written), [written(network.slots)], JSON.stringify(asked));
      counts.read++;
    } catch (error) {
      if (!(error instanceof InspectRefusal || error instanceof LayerFault)) throw error;
      const several = /could be of/.test(error.message);
      assert.ok(!several || ways.length > 1, `${error.message}: ${ways.map(written).join(' | ')}`);
      counts[several ? 'several' : 'unread']++;
    }
  }
  assert.ok(counts.read > 2_000 && counts.several > 100, JSON.stringify(counts));
});
