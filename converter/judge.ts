import type { OnnxNode } from '../src/onnx/schema.ts';
import { fidelity, indexOfLargest } from '../src/tensor/fidelity.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import type { Graph } from './graph/graph.ts';
import { floats, type ModelRunner, type RunOptions } from './runner.ts';

/** How near a quantized graph's logits are to the float graph's, on pictures that it was not calibrated on. */
export type Judgement = {
  /** Share of pictures with the same first class, in [0, 1]. */
  readonly agreement: number;
  readonly sqnrDb: number;
};

/** A judgement, and the pictures that it was made on: how many, and whether they were generated for want of others. */
export type Verdict = Judgement & { readonly pictures: number; readonly generated: boolean };

/** What became of one picture. */
export type PictureJudgement = {
  /** Place among the pictures judged on. */
  readonly index: number;
  /** First class of the float graph and of the quantized one. */
  readonly reference: number;
  readonly quantized: number;
  /** Float logit of class `reference` above the largest other one. */
  readonly referenceMargin: number;
  /** The same of the quantized logits, for the same class: negative where the label flipped. */
  readonly margin: number;
  readonly sqnrDb: number;
};

export type Judged = {
  readonly overall: Judgement;
  readonly each: readonly PictureJudgement[];
  /** The nodes that really ran; absent: not asked for, or not known here. */
  readonly executed?: readonly OnnxNode[];
};

/** Equal logits count as this many dB, so that the figure stays a number. */
const EQUAL_DB = 200;

export type Judge = (graph: Graph) => Promise<Judged>;

/** A judge over fixed batches and the float model's logits for them. */
export function judgeOn(
  batches: readonly Tensor[],
  expected: readonly Float32Array[],
  producer: Producer,
  run: ModelRunner,
  { explain = false }: Pick<RunOptions, 'explain'> = {},
): Judge {
  return async (graph) => {
    const [logits = ''] = graph.outputs;
    const session = await run(encodeGraph(graph, { producer }), { optimize: true, explain });
    const compared = fidelity();
    const each: PictureJudgement[] = [];
    try {
      for (const [index, input] of batches.entries()) {
        const found = floats(await session.run({ input }, [logits]), logits);
        const pictures = input.dims[0] ?? 1;
        const classes = found.length / pictures;
        for (let i = 0; i < pictures; i++) {
          const span = [i * classes, (i + 1) * classes] as const;
          const [exact, rounded] = [expected[index]!.subarray(...span), found.subarray(...span)];
          compared.add(exact, rounded);
          each.push(judgePicture(each.length, exact, rounded));
        }
      }
    } finally {
      await session.close();
    }
    const overall = { agreement: compared.agreement(), sqnrDb: Math.min(EQUAL_DB, compared.sqnrDb()) };
    const { executed } = session;
    return { overall, each, ...(executed ? { executed } : {}) };
  };
}

function judgePicture(index: number, exact: Float32Array, rounded: Float32Array): PictureJudgement {
  const compared = fidelity();
  compared.add(exact, rounded);
  const reference = indexOfLargest(exact);
  return {
    index,
    reference,
    quantized: indexOfLargest(rounded),
    referenceMargin: marginOf(exact, reference),
    margin: marginOf(rounded, reference),
    sqnrDb: Math.min(EQUAL_DB, compared.sqnrDb()),
  };
}

function marginOf(logits: Float32Array, index: number): number {
  const rival = logits.reduce(
    (most, value, i) => (i === index ? most : Math.max(most, value)),
    Number.NEGATIVE_INFINITY,
  );
  return logits[index]! - rival;
}
