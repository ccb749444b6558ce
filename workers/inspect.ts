/** @file `plateau inspect file.json`: exact quantities of a given network at given weights; one JSON object on standard output. */
import path from 'node:path';
import { readArguments, readJson, UsageError, writeWhole } from './commandLine.ts';
import { answerQuestion } from './inspect/answer.ts';
import { refuseDuplicates } from './inspect/duplicates.ts';
import { filesUnder } from './inspect/files.ts';
import { InspectRefusal, plain } from './inspect/refusal.ts';
import { inspectJsonSchema } from './inspect/request.ts';
import { answerText } from './inspect/written.ts';

const help = `plateau inspect <question.json | ->   exact quantities of a network at given weights; one JSON object on standard output

  The question is a JSON object; - reads it from standard input. Its fields:

    layers       list of {"type": …, "name": …}: dense (in, out, bias, activation; y = x K + b), conv2d (kernel, stride,
                 padding valid|same, valid by default, bias; NHWC, kernels [kh, kw, Cin, Cout]), batchnorm, layernorm
                 (eps, affine), activation (fn; swish is silu, identity linear, leaky_relu leakyRelu), maxpool2, avgpool2,
                 global_avg_pool, flatten, save and add (key);
                 or network / spec: a network of the catalog
    params       name to {"shape": […], "data": […]} row-major; <layer>.kernel, .bias, .scale, .shift, or other names in this
                 order, sorted by the numbers in them (net.2 before net.10), where there is one way to read them; or
                 {"file": "weights.npz"} (.npz, .safetensors). "layout": "torch" turns PyTorch's kernels
    param_order  order of the parameters in flat vectors and matrices; other names are then read in it
    initial      the weights at step 0, written as params: metrics of the distance from them need it
    inputs, targets
    held_out     {"inputs": …, "targets": …} for heldOutLoss and heldOutAccuracy
    loss         half_mse, mse_mean_all, softmax_ce, binary_ce_logits, or one of the catalog
    ask          any of loss, outputs, gradients, layerNorms, hvp, hessian, blocks, ggn, fisher, modelFisher, gram, density, perSample, or a metric:
                 ["loss", {"hvp": {"vectors": [[…]]}}, {"hessian": {"top": 3, "bottom": 3, "trace": true, "spectrum": true}}]
    operator     instead of a network: {"matrix": [[…]]} or {"diagonal": […]}, "solver": auto|dense|lanczos|power,
                 with ask of top, bottom, trace, frobenius, spectrum, density
    precision    float64 (default) or float32

  Answers stand under the names of the questions: outputs {shape, data}; gradients name to {shape, data}; hvp a list of flat vectors;
  hessian, ggn, fisher (empirical), modelFisher (targets that the model draws), and blocks by layer {top, topResiduals, bottom,
  bottomResiduals, trace, traceError, frobenius, frobeniusError, spectrum, matrix {shape, data}}; layerNorms by layer {weightNorm, gradNorm
  (kernel), allNorm, allGradNorm (all of the layer), activationRms}; gram {matrix, spectrum} of the gradients of every output of every
  example; density {grid, density, densityError}; perSample {gradientNorms, covarianceTrace (n - 1), covarianceTraceBiased (n), noiseScale
  = covarianceTrace/|g|^2, signalToNoise = |g|^2/covarianceTrace: ratios of this batch, where the metrics gradNoiseScale and
  gradSignalToNoise take |g|^2 - covarianceTrace/B for |g|^2, which is without bias}; metrics a number, a list by layer, eigenvalue or
  bin (blockNorms, blockNormsError and singularValues: a list of lists), null where the network has no such quantity, with the reason
  under absent. Metrics take the inputs as probe and curvature batch, one step of gradient descent as the update, and leave out parameters
  that a run never trains. Batch normalization: gradients, curvature, perSample, gram and fisher are derivatives through the statistics of the batch; metrics
  of single samples (gradVariance, gradNoiseScale, gradSignalToNoise, sampleGradNorm, gramEigenvalues and the like) and of data held out
  keep the statistics of the inputs fixed. Beside them: param_order, readAs (what each parameter was taken for), precision, runtime,
  device, timings.

  --params FILE      weights from an .npz or .safetensors file, instead of the question's
  --precision NAME   float64, float32
  --runtime NAME     auto, onnx, tensorflow, reference
  --device NAME      auto, cpu, wasm, webgpu, cuda
  --schema           prints the JSON Schema of a question
  --pretty           indents the answer

  Files are found beside the question. Under 2,000 parameters the Hessian is formed and solved whole, beyond it Lanczos runs until
  the residuals are below 1e-10 of the largest eigenvalue; up to 4,000, where 500 products are not enough for that, the matrix is
  solved after all. Values that are not finite are the texts "NaN", "Infinity", "-Infinity".
  Exit: 0 answered, 1 crashed, 2 bad command or question (the fields in question on standard error).`;

const put = (text: string): void => void writeWhole(1, text);

async function inspectCommand(args: string[]): Promise<number> {
  try {
    const { values: flags, positionals } = readFlags(args);
    if (flags.help) return (put(`${help}\n`), 0);
    if (flags.schema) return (put(`${JSON.stringify(inspectJsonSchema(), null, 2)}\n`), 0);
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new UsageError(`plateau inspect takes one question, got ${positionals.length}; plateau inspect --help tells more`);
    const question = withFlags(readJson(file, 'the question', refuseDuplicates), flags);
    const answer = await answerQuestion(question, filesUnder(file === '-' ? process.cwd() : path.dirname(path.resolve(file))));
    put(`${answerText(answer, flags.pretty ? 2 : undefined)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof InspectRefusal)
      console.error(
        `the question was refused:\n${error.issues.map(({ path: at, message }) => `  ${at || 'question'}: ${message}`).join('\n')}`,
      );
    else console.error(plain(error instanceof UsageError ? error.message : `crashed: ${(error as Error).message}`, 4_000));
    return error instanceof InspectRefusal || error instanceof UsageError ? 2 : 1;
  }
}

function readFlags(args: string[]) {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const options = {
    params: text,
    precision: text,
    runtime: text,
    device: text,
    schema: yes,
    pretty: yes,
    help: { ...yes, short: 'h' },
  } as const;
  return readArguments('inspect', { args, options, allowPositionals: true });
}

/** The command's options over the question's fields. */
function withFlags(question: unknown, flags: ReturnType<typeof readFlags>['values']): unknown {
  if (typeof question !== 'object' || question === null || Array.isArray(question)) return question;
  const { runtime } = question as { runtime?: unknown };
  const own = typeof runtime === 'string' ? { name: runtime } : (runtime as object | undefined);
  const over = {
    ...(flags.runtime === undefined ? {} : { name: flags.runtime }),
    ...(flags.device === undefined ? {} : { device: flags.device }),
  };
  return {
    ...question,
    ...(flags.precision === undefined ? {} : { precision: flags.precision }),
    ...(Object.keys(over).length === 0 ? {} : { runtime: { ...own, ...over } }),
    ...(flags.params === undefined ? {} : { params: { file: path.resolve(flags.params) } }),
  };
}

if (import.meta.main) process.exitCode = await inspectCommand(process.argv.slice(2));
