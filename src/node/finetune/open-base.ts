import type { Graph } from '../../../converter/graph/graph.ts';
import { type GraphHead, graphHead } from '../../../converter/head/graph-head.ts';
import type { Network } from '../../../converter/network.ts';
import { applyPasses, LEARNABLE } from '../../../converter/passes/index.ts';
import { ResedgeError } from '../../errors.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { readMetadata } from '../../onnx/header.ts';
import { METADATA_KEYS } from '../../onnx/metadata.ts';
import { looksLikeOnnx } from '../../onnx/recognise.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { sha256Hex } from '../cache/digest.ts';
import { readBytes } from '../files.ts';
import { about } from '../model/about.ts';
import { openNetwork } from '../model/open-network.ts';
import { completePreprocessing } from '../model/preprocessing.ts';
import { sourceFiles } from '../model/source-files.ts';

/** A trained network in float, whose weights may go on learning. */
export type TunableBase = {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly network: Network;
  /** Of pictures to the graph's float32 input [N, 3, size, size]. */
  readonly preprocessing: Preprocessing;
  readonly graph: Graph;
  readonly head: GraphHead;
};

/** Operators of a model that computes in integers. */
const QUANTIZED = /Quantize|QLinear|Integer|^QGemm$/;

/**
 * Reads what `convert` reads. Throws `input` for a quantized model, `unsupported` for a network without a head that could
 * be replaced.
 */
export async function openBase(path: string): Promise<TunableBase> {
  const bytes = readBytes(path, 'trained weights');
  if (looksLikeOnnx(bytes)) expectFloat(path, bytes);
  const digest = sha256Hex(bytes);
  const network = await openNetwork(path, bytes, digest, 'auto');
  if (network.quantized) throw quantized(path);
  const preprocessing = completePreprocessing({ input: 'float', layout: 'nchw' }, network.preprocessing);
  const graph = applyPasses(network.build(preprocessing.inputSize), LEARNABLE);
  const head = about(path, () => graphHead(graph));
  const { bytes: size, sha256 } = sourceFiles(path, bytes, digest);
  return { path, bytes: size, sha256, network, preprocessing, graph, head };
}

function expectFloat(path: string, bytes: Uint8Array): void {
  const { graph } = decodeModel(bytes);
  if (!graph.nodes.some(({ op }) => QUANTIZED.test(op))) return;
  throw quantized(path, readMetadata(bytes).get(METADATA_KEYS.sourceFile));
}

function quantized(path: string, source?: string): ResedgeError {
  const made =
    source === undefined ? 'the weights that it was made from' : `the weights that it was made from (${source})`;
  return new ResedgeError('input', `${path}: expected a network in float to tune, this one is quantized: give ${made}`);
}
