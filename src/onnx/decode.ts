import { ResedgeError } from '../errors.ts';
import { decodeEntry, decodeOpset } from './decode-entry.ts';
import { decodeGraph } from './decode-graph.ts';
import { damaged, type ExternalData, newBudget, readBytes, readInteger, readMessage, readText } from './read.ts';
import type { Model } from './schema.ts';
import { MODEL } from './wire.ts';

/**
 * Decodes a whole ONNX file. Tensors are views on `bytes`, or read from them at each access where they lie unaligned, so keep
 * `bytes` unchanged; `external` hands out the bytes of data outside the file. Unknown fields and documentation are skipped. Throws
 * ResedgeError: `input` for damaged bytes, `unsupported` for external data that nobody hands out, sub-graphs, functions and element
 * types not handled (each named), `limit` past MAX_ITEMS.
 */
export function decodeModel(bytes: Uint8Array, external?: (data: ExternalData) => Uint8Array): Model {
  const budget = newBudget(external);
  let irVersion = 0;
  let producerName = '';
  let producerVersion = '';
  let graph: Uint8Array | undefined;
  const opsets: Model['opsets'][number][] = [];
  const metadata = new Map<string, string>();
  readMessage(bytes, 'the model', budget, (field) => {
    switch (field.number) {
      case MODEL.irVersion:
        irVersion = readInteger(field);
        break;
      case MODEL.producerName:
        producerName = readText(field);
        break;
      case MODEL.producerVersion:
        producerVersion = readText(field);
        break;
      case MODEL.graph:
        if (graph !== undefined) throw damaged('the model', 'it holds two graphs');
        graph = readBytes(field);
        break;
      case MODEL.opset:
        opsets.push(decodeOpset(readBytes(field), budget));
        break;
      case MODEL.metadata: {
        const [key, value] = decodeEntry(readBytes(field), 'the metadata', budget);
        metadata.set(key, value);
        break;
      }
      case MODEL.functions:
        throw new ResedgeError('unsupported', 'expected a model without functions, received one; inline them first');
    }
  });
  if (graph === undefined) throw damaged('the model', 'it holds no graph');
  return { irVersion, opsets, producerName, producerVersion, metadata, graph: decodeGraph(graph, budget) };
}
