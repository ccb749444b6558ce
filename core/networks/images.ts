/** @file What the convolutional networks share: images from flat rows, convolutions with their parameters, pooling. */
import type { DataSize, Field, ImageShape, Layer, Options, Parameter, Pass, PassContext } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { averagePool, conv2d, maxPool, windowsAlong } from '../graph/convolution.ts';
import type { Node } from '../graph/node.ts';
import { invariance, normalizationParameters, normalized } from './normalizations.ts';

export const kernelField: Field = {
  type: 'choice',
  title: 'Kernel',
  choices: ['1', '3', '5', '7'],
  default: '3',
  about: 'Side of the square kernels; zeros are put around, so that the image keeps its size.',
};
export const poolingField: Field = {
  type: 'choice',
  title: 'Pooling',
  choices: ['max', 'average', 'stride', 'none'],
  default: 'max',
  about: 'How a stage halves the image: the largest or the mean of 2 x 2 pixels, or a convolution of stride 2; or not at all.',
};

/** @throws RangeError where the data are not images */
export function imageOf(network: string, { imageShape }: DataSize): ImageShape {
  if (!imageShape) throw new RangeError(`${network} takes images, but the data have no height and width; choose glyphs, idx or cifar10`);
  return imageShape;
}

/** Collects layers and parameters of a network of images, and how large they become. */
export function createImagePlan(options: Options, image: ImageShape) {
  const layers: Layer[] = [];
  const parameters: Parameter[] = [];
  let [height, width, channels] = image;
  let multiplications = 0;
  return {
    layers,
    parameters,
    channels: () => channels,
    pixels: () => height * width,
    multiplications: () => multiplications,
    /** A convolution from the channels so far to `filters`; with `followed` a normalization stands right behind it. */
    convolution(name: string, kind: Layer['kind'], kernel: number, filters: number, { stride = 1, followed = true, from = channels } = {}) {
      const fanIn = kernel * kernel * from;
      parameters.push({
        name: `${name}.weight`,
        role: 'weight',
        shape: [kernel, kernel, from, filters],
        fanIn,
        fanOut: kernel * kernel * filters,
        layer: layers.length,
      });
      layers.push({ name, kind, scaleInvariant: followed ? invariance(options.normalization) : false });
      if (followed) parameters.push(...normalizationParameters(options.normalization, name, filters, layers.length - 1));
      const [rows, columns] = [height, width].map((size) => windowsAlong(size, kernel, { stride, padding: 'same' }).count);
      multiplications += rows! * columns! * fanIn * filters;
      return { resize: () => ([height, width, channels] = [rows!, columns!, filters]) };
    },
    /** Of the last convolution, where nothing normalizes it. */
    bias(name: string, filters: number) {
      const { fanIn, fanOut, layer } = parameters.at(-1)!;
      parameters.push({ name: `${name}.bias`, role: 'bias', shape: [filters], fanIn, fanOut, layer });
    },
    halve() {
      if (height < 2 || width < 2)
        throw new RangeError(`images of ${image[0]} x ${image[1]} pixels cannot be halved that often; choose fewer stages`);
      [height, width] = [Math.floor(height / 2), Math.floor(width / 2)];
    },
    readout(inputs: number, outputs: number) {
      const shared = { fanIn: inputs, fanOut: outputs, layer: layers.length };
      parameters.push({ name: 'readout.weight', role: 'weight', shape: [inputs, outputs], ...shared });
      parameters.push({ name: 'readout.bias', role: 'bias', shape: [outputs], ...shared });
      layers.push({ name: 'readout', kind: 'readout', scaleInvariant: false });
      multiplications += inputs * outputs;
    },
  };
}

/** The forward steps of such a network, each leaving its tap. */
export function createImagePass(g: Builder, options: Options, context: PassContext, [height, width, channels]: ImageShape) {
  const taps: Pass['taps'][number][] = [];
  return {
    taps,
    image: g.reshape(context.x, [context.x.shape[0]!, height, width, channels]),
    convolve(x: Node, name: string, stride = 1): Node {
      return conv2d(g, x, context.parameter(`${name}.weight`), { stride, padding: 'same' });
    },
    normalize: (x: Node, name: string): Node => normalized(g, options, x, name, context),
    pool: (x: Node, how: unknown): Node => (how === 'max' ? maxPool(g, x, 2) : averagePool(g, x, 2)),
    /** @param stream the layer ends a branch, or begins the stream of a residual network */
    tap(preActivation: Node, activation: Node, { stream = false } = {}): Node {
      taps.push({ preActivation, activation, ...(stream ? { stream: activation } : {}) });
      return activation;
    },
    readout(x: Node): Pass {
      const flat = g.reshape(x, [x.shape[0]!, -1]);
      const outputs = g.add(g.matMul(flat, context.parameter('readout.weight')), context.parameter('readout.bias'));
      taps.push({ preActivation: outputs, activation: outputs });
      return { outputs, taps };
    },
  };
}
