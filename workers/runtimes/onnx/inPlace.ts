/**
 * @file Results written straight to where they are wanted. onnxruntime-node 1.30 writes a result to the tensor it is given for it, and then copies it
 * into a fresh one all the same: 0.26 ms for 1 MB, 3 ms for 13.7 MB, in memory that is touched for the first time, and it collects garbage
 * for every 64 MB of these.
 *
 * The copies are made one after another in the order of the model's results, and end where one cannot be made. So the first result
 * of a model is a list of no tensors, which the binding refuses to hand over: by then all others lie where they were wanted. A result asked for
 * without it is handed over as ever.
 *
 * https://github.com/microsoft/onnxruntime/pull/32346 is to make the copies unnecessary.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel, sequenceInfo, valueInfo, type GraphProto } from './proto.ts';

type Ort = typeof import('onnxruntime-node');

const stop = 'stop';
const refusal = /^Non tensor type/;

/** The refusal takes 15 us: as much as the copies of 64 KiB. */
const worthwhileBytes = 64 * 1024;

/** The graph with the refused result before its own. */
export const withStop = (graph: GraphProto): GraphProto => ({
  ...graph,
  node: [...graph.node, { opType: 'SequenceEmpty', input: [], output: [stop], attribute: [] }],
  output: [sequenceInfo(stop, 'float32'), ...graph.output],
});

/** Runs a session whose model has a refused result, with a tensor for every other one. @returns those */
export async function runInto<Fetches extends Readonly<Record<string, Tensor>>>(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  fetches: Fetches,
): Promise<Fetches> {
  try {
    await session.run(feeds, { [stop]: null, ...fetches });
  } catch (error) {
    if (!refusal.test((error as Error).message)) throw error;
  }
  return fetches;
}

/** Whether results are where they were wanted when the binding refuses: tried out once, with one value. */
async function works(ort: Ort): Promise<boolean> {
  const [x, y] = [new ort.Tensor('float32', Float32Array.of(3), [1]), new ort.Tensor('float32', Float32Array.of(0), [1])];
  const graph: GraphProto = {
    name: 'in place',
    node: [{ opType: 'Neg', input: ['x'], output: ['y'], attribute: [] }],
    initializer: [],
    input: [valueInfo('x', 'float32', [1])],
    output: [valueInfo('y', 'float32', [1])],
  };
  const session = await ort.InferenceSession.create(encodeModel(withStop(graph)), { executionProviders: ['cpu'], intraOpNumThreads: 1 });
  await runInto(session, { x }, { y });
  await session.release();
  return y.data[0] === -3;
}

let known: Promise<boolean> | undefined;

/** Whether a call with so many bytes of results is to be made by `runInto`; else they are asked for in the ordinary way. */
export const worthPlacing = async (ort: Ort, session: InferenceSession, bytes: number): Promise<boolean> =>
  session.outputNames[0] === stop && bytes >= worthwhileBytes && (await (known ??= works(ort)));
