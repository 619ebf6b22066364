import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { Graph } from '../graph/graph.ts';
import { type Rewrite, rewrite } from '../graph/patch.ts';
import { verify } from '../graph/verify.ts';
import { foldAffine, normToConv } from './fold-affine.ts';
import { globalAverage } from './global-average.ts';
import { mergeHead } from './merge-head.ts';
import { mergePad } from './merge-pad.ts';
import { centredInput, channelsLastInput, pixelInput } from './raw-input.ts';
import { type Simplification, settle } from './settle.ts';
import { sinkTransposes } from './sink-transposes.ts';

/** A rewrite in one sweep, one that is applied until it finds nothing more, or a walk over the whole graph. */
export type Pass = { readonly name: string } & (
  | { readonly rule: Rewrite }
  | { readonly settles: Simplification }
  | { readonly whole: (graph: Graph) => Graph }
);

/** Makes of another layout what the rest of the program looks for, and leaves every weight as it is. */
export const LAYOUT: readonly Pass[] = [
  // Channels have to stand on axis 1 before anything is said of them.
  { name: 'sink transposes', whole: sinkTransposes },
  { name: 'merge pads', settles: mergePad },
  { name: 'global average', settles: globalAverage },
];

/** Before a network learns on: stages and head are found, and every norm is still there. */
export const LEARNABLE: readonly Pass[] = [...LAYOUT, { name: 'merge the bias of the head', settles: mergeHead }];

/** First of all passes: every later one wants to see the weights that will run. */
export const FOLD: readonly Pass[] = [
  ...LAYOUT,
  { name: 'fold channel arithmetic', settles: foldAffine },
  // What could not fold into a layer before it becomes one, into which its neighbours fold in turn.
  { name: 'norm to convolution', settles: normToConv },
  { name: 'fold channel arithmetic', settles: foldAffine },
];

/** Gives a folded graph the input that its users feed; `quantized` says that the pixels are taken as they are stored. */
export function inputPasses(preprocessing: Preprocessing, quantized: boolean): readonly Pass[] {
  if (preprocessing.input === 'raw') {
    return quantized
      ? [{ name: 'pixel input', rule: pixelInput(preprocessing) }]
      : [{ name: 'centred input', rule: centredInput(preprocessing) }];
  }
  return preprocessing.layout === 'nhwc' ? [{ name: 'channels-last input', whole: channelsLastInput }] : [];
}

/** Applies passes in order, verifying the graph after each. Throws `internal` naming the pass and the node. */
export function applyPasses(graph: Graph, passes: readonly Pass[]): Graph {
  let current = graph;
  for (const pass of passes) {
    current = applyPass(current, pass);
    verify(current, pass.name);
  }
  return current;
}

function applyPass(graph: Graph, pass: Pass): Graph {
  if ('whole' in pass) return pass.whole(graph);
  return 'rule' in pass ? rewrite(graph, pass.rule) : settle(graph, pass.name, pass.settles);
}
