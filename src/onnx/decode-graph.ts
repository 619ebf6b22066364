import { ResedgeError } from '../errors.ts';
import { decodeNode } from './decode-node.ts';
import { decodeTensor } from './decode-tensor.ts';
import { asValueInfo, decodeRawValue, decodeValue } from './decode-value.ts';
import { type Budget, readBytes, readMessage, readText } from './read.ts';
import type { NamedTensor, OnnxGraph, OnnxNode, ValueInfo } from './schema.ts';
import { GRAPH } from './wire.ts';

/**
 * Decodes a GraphProto. Value infos whose type or rank is unknown or not handled are left out; for inputs and outputs that
 * is an error of code `unsupported`.
 */
export function decodeGraph(bytes: Uint8Array, budget: Budget): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers: NamedTensor[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const values: ValueInfo[] = [];
  readMessage(bytes, 'the graph', budget, (field) => {
    switch (field.number) {
      case GRAPH.node:
        nodes.push(decodeNode(readBytes(field), `node number ${nodes.length}`, budget));
        break;
      case GRAPH.name:
        name = readText(field);
        break;
      case GRAPH.initializer:
        initializers.push(decodeTensor(readBytes(field), `initializer number ${initializers.length}`, budget));
        break;
      case GRAPH.input:
        inputs.push(decodeValue(readBytes(field), 'graph input', budget));
        break;
      case GRAPH.output:
        outputs.push(decodeValue(readBytes(field), 'graph output', budget));
        break;
      case GRAPH.value: {
        const value = asValueInfo(decodeRawValue(readBytes(field), 'a value info', budget));
        if (value !== undefined) values.push(value);
        break;
      }
      case GRAPH.sparseInitializer:
        throw new ResedgeError('unsupported', 'expected dense initializers, received a sparse one in the graph');
    }
  });
  return { name, nodes, initializers, inputs, outputs, values };
}
