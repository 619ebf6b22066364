import { decodeEntry } from './decode-entry.ts';
import { newBudget, readBytes, readMessage } from './read.ts';
import { GRAPH, MODEL, TENSOR } from './wire.ts';

/**
 * The files beside an ONNX model in which its initializers lie, as it names them, each once: untrusted paths. Throws what decoding
 * throws.
 */
export function externalFiles(bytes: Uint8Array): readonly string[] {
  const budget = newBudget();
  const files = new Set<string>();
  readMessage(bytes, 'the model', budget, (model) => {
    if (model.number !== MODEL.graph) return;
    readMessage(readBytes(model), 'the graph', budget, (graph) => {
      if (graph.number !== GRAPH.initializer) return;
      readMessage(readBytes(graph), 'an initializer', budget, (tensor) => {
        if (tensor.number !== TENSOR.externalData) return;
        const [key, value] = decodeEntry(readBytes(tensor), 'an initializer', budget);
        if (key === 'location') files.add(value);
      });
    });
  });
  return [...files];
}
