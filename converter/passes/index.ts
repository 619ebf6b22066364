import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { Graph } from '../graph/graph.ts';
import { type Rewrite, rewrite } from '../graph/patch.ts';
import { verify } from '../graph/verify.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { centredInput, channelsLastInput, pixelInput } from './raw-input.ts';

export type Pass = { readonly name: string; readonly rule: Rewrite };

/** First of all passes: every later one wants to see the weights that will run. */
export const FOLD: readonly Pass[] = [{ name: 'fold batch norm', rule: foldBatchNorm }];

/** Gives a folded graph the input that its users feed; `quantized` says that the pixels are taken as they are stored. */
export function inputPasses(preprocessing: Preprocessing, quantized: boolean): readonly Pass[] {
  if (preprocessing.input === 'raw') {
    return quantized
      ? [{ name: 'pixel input', rule: pixelInput(preprocessing) }]
      : [{ name: 'centred input', rule: centredInput(preprocessing) }];
  }
  return preprocessing.layout === 'nhwc' ? [{ name: 'channels-last input', rule: channelsLastInput }] : [];
}

/** Applies passes in order, verifying the graph after each. Throws `internal` naming the pass and the node. */
export function applyPasses(graph: Graph, passes: readonly Pass[]): Graph {
  let current = graph;
  for (const pass of passes) {
    current = rewrite(current, pass.rule);
    verify(current, pass.name);
  }
  return current;
}
