import type { Graph } from '../graph/graph.ts';
import { castFirst } from './cast-first.ts';
import { dropRelus } from './drop-relus.ts';
import { floatBiases } from './float-biases.ts';
import { freeAdditions } from './free-additions.ts';
import { storeLogits } from './store-logits.ts';

/**
 * Brings a finished graph into the form that a target's compiler takes or fuses best. `logits` are those of the float network on the
 * judged pictures, of an INT8 graph alone.
 */
export type Form = (graph: Graph, logits?: readonly Float32Array[]) => Graph;

/** TensorRT: bytes are cast before anything else, biases stay in float, and a convolution hands its sums on to an addition unrounded. */
export const tensorrtForm: Form = (graph) => freeAdditions(floatBiases(castFirst(graph)));

/** Qualcomm's QNN: every node stands between DequantizeLinear and QuantizeLinear, the last one too. */
export const qnnForm: Form = (graph, logits) => storeLogits(dropRelus(graph), logits ?? []);
