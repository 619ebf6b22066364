import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { generatedPictures, picturesToJudge } from './calibrate.ts';
import type { Producer } from './exchange/encode-graph.ts';
import { summaryOf } from './exchange/summary.ts';
import type { FloatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { verify } from './graph/verify.ts';
import { outputOf } from './graph/view.ts';
import { judgeOn, type Verdict } from './judge.ts';
import { emulateHalf } from './passes/emulate-half.ts';
import { halfGraph } from './passes/half.ts';
import { type KeptSingle, planHalf } from './passes/half-plan.ts';
import { floats, type ModelRunner } from './runner.ts';

/** What float16 is judged on; absent: generated pictures. */
export type HalfOptions = { readonly pictures?: AsyncIterable<Tensor> };

export type Halving = {
  /** Nodes that stayed in float32. */
  readonly single: readonly KeptSingle[];
  /** Against FP32, with every value rounded to float16, whatever this machine would do. */
  readonly judgement: Verdict;
};

/** Where float16 is computed as such, for people. */
export const HALF_RIGHT_FOR = 'CUDA, TensorRT, CoreML, DirectML and WebGPU; a CPU widens it to float32 first';

/** Values that {@link convertToHalf} wants to see: all that could become float16. */
export function halfCandidates(float: Graph): readonly string[] {
  const facts = verify(float, 'half precision');
  return float.nodes.map(outputOf).filter((name) => facts.get(name)?.dtype === 'float32');
}

/** The float graph in float16, save where that would spoil it, judged on pictures. Throws `input` where none can be read. */
export async function convertToHalf(
  reference: FloatModel,
  { pictures }: HalfOptions,
  preprocessing: Preprocessing,
  producer: Producer,
  run: ModelRunner,
): Promise<Halving & { readonly graph: Graph }> {
  const float = reference.graph;
  const [logits = ''] = float.outputs;
  const seen = pictures
    ? await picturesToJudge(pictures, preprocessing.inputSize)
    : await generatedPictures(preprocessing);
  const { peaks, expected } = await runOver(reference, logits, seen.batches);
  await reference.close();
  const single = planHalf(float, peaks);
  const graph = halfGraph(float, new Set(single.map(({ name }) => name)));
  const { overall } = await judgeOn(seen.batches, expected, producer, run)(emulateHalf(graph));
  return { graph, single, judgement: { ...overall, pictures: seen.pictures, generated: seen.generated } };
}

/** The largest magnitude of every value of the float model over all inputs, and its logits for each. */
async function runOver(
  reference: FloatModel,
  logits: string,
  inputs: readonly Tensor[],
): Promise<{ readonly peaks: ReadonlyMap<string, number>; readonly expected: readonly Float32Array[] }> {
  const { session, whole, summarised } = await reference.summaries();
  const peaks = new Map<string, number>();
  const expected: Float32Array[] = [];
  const look = (name: string, values: Float32Array): void => {
    let largest = peaks.get(name) ?? 0;
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
    peaks.set(name, largest);
  };
  const extremes = (name: string): readonly string[] => [summaryOf(name).min, summaryOf(name).max];
  for (const input of inputs) {
    const found = await session.run({ input }, [...whole, ...summarised.flatMap(extremes)]);
    for (const name of whole) look(name, floats(found, name));
    for (const name of summarised) for (const extreme of extremes(name)) look(name, floats(found, extreme));
    expected.push(floats(found, logits));
  }
  return { peaks, expected };
}
