import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32Of } from './digest.ts';

/** The files of a kept graph: the nodes, the weights that ONNX Runtime maps, and what both must be. */
export const GRAPH_FILE = 'model.onnx';
export const WEIGHTS_FILE = 'weights.bin';
const SEAL_FILE = 'seal.json';

type FileSeal = { readonly bytes: number; readonly crc32: number };
type Seal = { readonly graph: FileSeal; readonly weights: FileSeal };

/** A kept graph whose nodes are whole. */
export type GraphEntry = {
  readonly folder: string;
  readonly graph: string;
  /** Reads the weights and says whether they are whole; what is mapped already may be found damaged. */
  readonly isWhole: () => boolean;
};

function sealOf(path: string): FileSeal {
  return { bytes: statSync(path).size, crc32: crc32Of(path) };
}

/** What has to be written last into a folder that holds a graph and its weights: name and content. Throws what `fs` throws. */
export function sealGraph(folder: string): readonly [string, string] {
  const seal: Seal = { graph: sealOf(join(folder, GRAPH_FILE)), weights: sealOf(join(folder, WEIGHTS_FILE)) };
  return [SEAL_FILE, JSON.stringify(seal)];
}

/** The entry in a folder; undefined where there is none, `damaged` where its sizes or its nodes are not what they were. */
export function readGraphEntry(folder: string): GraphEntry | 'damaged' | undefined {
  if (!existsSync(folder)) return undefined;
  const [graph, weights] = [join(folder, GRAPH_FILE), join(folder, WEIGHTS_FILE)];
  try {
    const seal: Seal = JSON.parse(readFileSync(join(folder, SEAL_FILE), 'utf8'));
    // A mapped file that is too short would end the process.
    if (statSync(weights).size !== seal.weights.bytes || statSync(graph).size !== seal.graph.bytes) return 'damaged';
    if (crc32Of(graph) !== seal.graph.crc32) return 'damaged';
    return { folder, graph, isWhole: () => crc32Of(weights) === seal.weights.crc32 };
  } catch {
    return 'damaged';
  }
}
