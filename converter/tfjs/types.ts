import type { Attribute, OnnxNode } from '../../src/onnx/schema.ts';
import type { Source } from '../graph/ops/types.ts';

/** A node of a graph model that is being read. */
export type Call = {
  readonly node: OnnxNode;
  /** Its attributes and known inputs; `refuse` names the node. */
  readonly source: Source;
  /** What ONNX's nodes call its inputs. */
  readonly inputs: readonly string[];
  /** The n-th of them. */
  readonly input: (index: number) => string;
  /** Whole numbers known before it runs. */
  readonly numbers: (index: number, what: string) => readonly number[];
  /** Adds an ONNX node and says what its result is called; one without a `tag` goes by the name of TensorFlow's node. */
  readonly emit: (op: string, inputs: readonly string[], attributes?: Attributes, tag?: string) => string;
  /** Adds a list of whole numbers. */
  readonly list: (values: readonly number[], tag: string) => string;
  /** Adds a number. */
  readonly number: (value: number, tag: string) => string;
};

export type Attributes = Readonly<Record<string, Attribute>>;

/** Writes what a node of TensorFlow's computes in ONNX's operators, and says what the result is called. */
export type Translator = (call: Call) => string;

/** Runs a part of a network on an image [N, C, H, W], between the moves from and to TensorFlow's [N, H, W, C]. */
export function onImage(call: Call, compute: (image: string) => string): string {
  const image = call.emit('Transpose', [call.input(0)], { perm: { kind: 'ints', value: [0, 3, 1, 2] } }, 'nchw');
  return call.emit('Transpose', [compute(image)], { perm: { kind: 'ints', value: [0, 2, 3, 1] } }, 'nhwc');
}
