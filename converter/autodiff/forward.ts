import type { OnnxNode } from '../../src/onnx/schema.ts';
import { onnxNode, operandsOf } from '../exchange/encode-graph.ts';
import type { OpKind } from '../graph/op.ts';
import { definitionOf } from '../graph/ops/index.ts';
import { float, int } from '../graph/ops/types.ts';
import { statisticsOf } from './rules/norm.ts';
import { indicesOf } from './rules/pool.ts';
import { isSpelled, spellDequantize, spellQuantize } from './rules/quantize.ts';
import type { Site } from './site.ts';

export const OPSET = 17;

/** Writes a node as it runs forward, with what its gradient will ask for; `learns`: there will be one. */
export function emitForward(site: Site<OpKind>, norms: 'live' | 'frozen', learns: boolean): void {
  const { emit, node, op, output, dtype } = site;
  if (op.kind === 'QuantizeLinear' && isSpelled(dtype(2))) {
    spellQuantize({ ...site, op });
  } else if (op.kind === 'DequantizeLinear' && isSpelled(dtype(0))) {
    spellDequantize({ ...site, op });
  } else {
    const encoding = definitionOf(op).encode(op, { opset: OPSET, dtype: dtype(0) });
    const encoded = { node: { ...node, domain: '', op: op.kind }, encoding };
    emit.keep(operandsOf(encoded));
    emit.place(withStatistics(onnxNode(encoded), output, norms, learns));
  }
}

/** With the outputs that only learning has a use for. */
function withStatistics(node: OnnxNode, output: string, norms: 'live' | 'frozen', learns: boolean): OnnxNode {
  if (node.op === 'MaxPool' && learns) return { ...node, outputs: [output, indicesOf(output)] };
  if (node.op !== 'BatchNormalization' || norms === 'frozen') return node;
  const { mean, variance } = statisticsOf(output);
  // With a momentum of 0 the running statistics that come out are the batch's own.
  const attributes = new Map([...node.attributes, ['momentum', float(0)], ['training_mode', int(1)]]);
  return { ...node, outputs: [output, mean, variance], attributes };
}
