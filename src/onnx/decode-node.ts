import { decodeAttribute } from './decode-attribute.ts';
import { type Budget, damaged, readItem, readMessage, readText, readTextItem } from './read.ts';
import type { Attribute, OnnxNode } from './schema.ts';
import { NODE } from './wire.ts';

/** Decodes a NodeProto. Code `unsupported` for an attribute that holds a sub-graph or another unhandled type. */
export function decodeNode(bytes: Uint8Array, where: string, budget: Budget): OnnxNode {
  let name = '';
  let op = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributeBytes: Uint8Array[] = [];
  readMessage(bytes, where, budget, (field) => {
    switch (field.number) {
      case NODE.input:
        inputs.push(readTextItem(field));
        break;
      case NODE.output:
        outputs.push(readTextItem(field));
        break;
      case NODE.name:
        name = readText(field);
        break;
      case NODE.op:
        op = readText(field);
        break;
      case NODE.domain:
        domain = readText(field);
        break;
      case NODE.attribute:
        attributeBytes.push(readItem(field));
        break;
    }
  });
  const what = `node ${name || outputs[0] || '(unnamed)'} (${op})`;
  if (op === '') throw damaged(what, 'it names no operator');
  const attributes = new Map<string, Attribute>();
  for (const one of attributeBytes) {
    const [key, attribute] = decodeAttribute(one, what, budget);
    if (attributes.has(key)) throw damaged(what, `attribute ${key} is given twice`);
    attributes.set(key, attribute);
  }
  return { name, op, domain, inputs, outputs, attributes };
}
