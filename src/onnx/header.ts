import { decodeEntry } from './decode-entry.ts';
import { asValueInfo, decodeRawValue } from './decode-value.ts';
import { type Budget, newBudget, readBytes, readMessage } from './read.ts';
import type { ValueInfo } from './schema.ts';
import { GRAPH, MODEL } from './wire.ts';

/** What a model says about itself, without its nodes and tensors. */
export type ModelHeader = {
  readonly metadata: ReadonlyMap<string, string>;
  /** As listed in the file (before IR version 4 that includes the initializers), those of unhandled type left out. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
};

/**
 * Reads metadata, inputs and outputs of an ONNX file and jumps over everything else, so the time does not depend on the
 * size of the tensors. Never complains about what it jumps over; damaged bytes elsewhere throw code `input`.
 */
export function readHeader(bytes: Uint8Array): ModelHeader {
  const budget = newBudget();
  const metadata = new Map<string, string>();
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  readMessage(bytes, 'the model', budget, (field) => {
    if (field.number === MODEL.metadata) {
      const [key, value] = decodeEntry(readBytes(field), 'the metadata', budget);
      metadata.set(key, value);
    }
    if (field.number === MODEL.graph) readInterface(readBytes(field), budget, inputs, outputs);
  });
  return { metadata, inputs, outputs };
}

/** The metadata of an ONNX file alone; see {@link readHeader}. */
export function readMetadata(bytes: Uint8Array): ReadonlyMap<string, string> {
  return readHeader(bytes).metadata;
}

function readInterface(bytes: Uint8Array, budget: Budget, inputs: ValueInfo[], outputs: ValueInfo[]): void {
  readMessage(bytes, 'the graph', budget, (field) => {
    const list = field.number === GRAPH.input ? inputs : field.number === GRAPH.output ? outputs : undefined;
    if (list === undefined) return;
    const value = asValueInfo(decodeRawValue(readBytes(field), 'a graph input or output', budget));
    if (value !== undefined) list.push(value);
  });
}
