import { ResedgeError } from '../../src/errors.ts';
import type { Names } from '../exchange/names.ts';
import type { Constant, Fact, Node } from '../graph/graph.ts';
import { inferRead } from '../graph/infer.ts';
import { sameDims } from '../graph/ops/dims.ts';
import { shown } from '../json.ts';
import { quote } from '../weights/bytes.ts';
import type { Reading } from './build.ts';
import { isPair } from './layers/pairs.ts';
import type { Call, Layer, Value, Wanted } from './types.ts';
import { wayTo } from './weights.ts';

/** What the calls of a model have written so far. */
export type Written = {
  readonly nodes: Node[];
  readonly constants: Map<string, Constant>;
  readonly names: Names;
  readonly used: Set<string>;
};

/** How a constant is called, by its place. */
const CONSTANTS: readonly string[] = ['operand', 'weight', 'bias', 'mean', 'variance'];

/** One call of the layer at the end of `path`, which writes its nodes behind those that are there. */
export function callOf(path: readonly Layer[], inputs: readonly Value[], reading: Reading, written: Written): Call {
  const layer = path.at(-1)!;
  const { config, kind } = layer;
  const refuse = (expected: string): never => {
    throw new ResedgeError('unsupported', `expected ${expected} for layer ${wayTo(path)} (${quote(kind)})`);
  };
  const senseless = (name: string, wanted: string): never => {
    const given = quote(shown(config[name]));
    throw new ResedgeError('input', `expected ${wanted} as ${name} of layer ${wayTo(path)}, received ${given}`);
  };
  const given = (name: string): unknown => config[name] ?? undefined;
  const input = (): Value => {
    const [first, ...more] = inputs;
    return first === undefined || more.length > 0 ? refuse(`one input, received ${inputs.length},`) : first;
  };
  return {
    ...{ kind, inputs, input, refuse },
    channelsLast: reading.channelsLast,
    version: reading.version,
    image: () => {
      const value = input();
      const [, c, h, w] = value.fact.dims;
      if (value.fact.dims.length !== 4 || typeof c !== 'number' || typeof h !== 'number' || typeof w !== 'number') {
        return refuse(`an image, received ${value.fact.dims.length} dimensions,`);
      }
      return { value, dims: [c, h, w] };
    },
    raw: given,
    flag: (name, otherwise) => {
      const value = given(name) ?? otherwise;
      return typeof value === 'boolean' ? value : senseless(name, 'true or false');
    },
    number: (name) => {
      const value = given(name);
      return value === undefined || (typeof value === 'number' && Number.isFinite(value))
        ? value
        : senseless(name, 'a number');
    },
    pair: (name, otherwise) => {
      const value = given(name) ?? otherwise;
      const both = typeof value === 'number' ? [value, value] : value;
      return isPair(both, 1) ? both : senseless(name, 'one or two whole numbers above 0');
    },
    text: (name, otherwise) => {
      const value = given(name) ?? otherwise;
      return typeof value === 'string' ? value : senseless(name, 'a text');
    },
    weights: (wanted) => weightsOf(path, wanted, reading, written.used),
    emit: (op, operands) => {
      const name = written.names(path.map((part) => part.name).join('/'));
      const facts: Fact[] = [];
      const read = operands.map((operand, place) => {
        if ('fact' in operand) {
          facts.push(operand.fact);
          return operand.name;
        }
        facts.push(operand);
        const own = written.names(`${name}.${CONSTANTS[place] ?? place}`);
        written.constants.set(own, operand);
        return own;
      });
      const node: Node = { name, op, inputs: read, outputs: [name] };
      written.nodes.push(node);
      return { name, fact: inferred(node, facts) };
    },
  };
}

function inferred(node: Node, facts: readonly Fact[]): Fact {
  const title = `layer ${quote(node.name)}`;
  const fact = inferRead(node, facts, title);
  if (fact.dims.every((dim) => typeof dim === 'string' || dim > 0)) return fact;
  throw new ResedgeError('input', `${title} cannot run: its result would be empty, the picture is too small`);
}

function weightsOf(
  path: readonly Layer[],
  wanted: readonly Wanted[],
  { weights }: Reading,
  used: Set<string>,
): readonly Constant<'float32'>[] {
  const found = weights(path) ?? [];
  const least = wanted.filter(({ spare }) => !spare).length;
  if (found.length < least || found.length > wanted.length) {
    const names = wanted.map(({ name }) => name).join(', ');
    throw new ResedgeError(
      'input',
      `expected ${names} of layer ${wayTo(path)}, received ${found.length === 0 ? 'no arrays' : `${found.length} arrays`}: config and weights belong to different models`,
    );
  }
  return found.map(([place, array], i) => {
    const { name, dims } = wanted[i]!;
    if (!sameDims(array.dims, dims)) {
      throw new ResedgeError(
        'input',
        `expected ${name} [${dims.join(', ')}] of layer ${wayTo(path)}, received [${array.dims.join(', ')}]: config and weights belong to different models`,
      );
    }
    used.add(place);
    return array;
  });
}
