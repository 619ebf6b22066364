import { expect, test } from 'vitest';
import { readTflite } from '../../../../converter/tflite-network.ts';
import { extended, type Places, patched } from './patch.ts';
import { tfliteBytes } from './sources.ts';

const [CUSTOM, RESIZE, WHILE, NEW] = [32, 23, 119, 206];
/** Stands in the old field for a code above it. */
const ABOVE = 127;
const STRING = 5;

/** A kind of operator, those of before 2020 beside today's, as another one. */
function recoded(name: string, index: number, code: number): Uint8Array {
  return patched(name, (view, { code: at, field }) => {
    view.setInt8(field(at(index), 0), Math.min(code, ABOVE));
    view.setInt32(field(at(index), 3), code, true);
  });
}

const bytes = tfliteBytes('resnet.float');

/** Where the table starts in {@link tableOf}. */
const TABLE = 28;

const CASES: readonly (readonly [string, Uint8Array, RegExp])[] = [
  [
    'a custom operator',
    recoded('resnet.float', 0, CUSTOM),
    /^expected operators of a convolutional classifier, received operator 0 \(CUSTOM \S.*, resnet\S+\), whose code is not in the file: convert the model without it$/,
  ],
  [
    'an operator that is not known',
    recoded('resnet.float', 0, RESIZE),
    /received operator 0 \(RESIZE_BILINEAR, resnet\S+\), which is not known here: convert the model without it/,
  ],
  ['control flow', recoded('resnet.float', 0, WHILE), /received operator \d+ \(WHILE, resnet/],
  ['one that is newer than the names', recoded('resnet.float', 0, NEW), /received operator 0 \(operator 206, /],
  [
    'a foreign file',
    new Uint8Array([...'GGUF'].map((c) => c.charCodeAt(0))),
    /^expected a TFLite model, .* marked TFL3/,
  ],
  ['an empty file', new Uint8Array(), /^expected a TFLite model/],
  [
    'a mark and nothing behind it',
    bytes.subarray(0, 8),
    /^expected a whole TFLite model, what byte 0 points to lies outside/,
  ],
  ['a file cut in half', bytes.subarray(0, bytes.length >> 1), /lies outside the file: it is cut short or damaged/],
  [
    'an operator that reads a tensor that is not there',
    patched('resnet.float', (view, { operator, element }) => view.setInt32(element(operator(0), 1, 0), 9999, true)),
    /tensor 9999 of operator 0 \(CONV_2D\) is not among its \d+ tensors/,
  ],
  [
    'a tensor whose bytes are not there',
    patched('resnet.float', (view, { tensor, operand, field }) =>
      view.setUint32(field(tensor(operand(0, 1, 1)), 2), 60_000, true),
    ),
    /buffer 60000 is not among its \d+ buffers/,
  ],
  [
    'an operator whose kind is not there',
    patched('resnet.float', (view, { operator, field }) => view.setUint32(field(operator(3), 0), 77, true)),
    /kind 77 of operator 3 is not among its \d+ kinds/,
  ],
  [
    'operators in a circle',
    patched('resnet.float', (view, { operator, operand, element }) =>
      view.setInt32(element(operator(1), 1, 0), operand(3, 2, 0), true),
    ),
    /^expected operators that can run one after another, operator 1 \(CONV_2D, .*\) reads tensor .*, which operator 3 makes only later/,
  ],
  [
    'a tensor that nothing makes',
    patched('resnet.float', (view, { operator, operand, element }) =>
      view.setInt32(element(operator(0), 2, 0), operand(0, 1, 1), true),
    ),
    /^expected operators that can run one after another, operator 1 \(.*\) reads tensor .*, which nothing makes: /,
  ],
  [
    'weights of another shape than their bytes',
    patched('resnet.float', (view, { tensor, operand, element }) =>
      view.setInt32(element(tensor(operand(0, 1, 1)), 0, 0), 17, true),
    ),
    /^expected 1836 bytes for tensor \S+, float32\[17, 3, 3, 3\], received 1728: the file is damaged/,
  ],
  [
    'a size below 0',
    patched('resnet.float', (view, { tensor, operand, element }) =>
      view.setInt32(element(tensor(operand(0, 1, 1)), 0, 0), -4, true),
    ),
    /^expected sizes of 0 or more for tensor/,
  ],
  [
    'weights of text',
    patched('resnet.half', (view, { tensor, operand, field }) =>
      view.setInt8(field(tensor(operand(0, 1, 0)), 1), STRING),
    ),
    /^expected tensor \S+ to hold numbers of 8 to 64 bits, received strings/,
  ],
  [
    'a scale of 0',
    patched('resnet.int8', (view, { tensor, operand, field, target, element }) =>
      view.setFloat32(element(target(field(tensor(operand(0, 1, 1)), 4)), 2, 3), 0, true),
    ),
    /^expected scales above 0 for tensor/,
  ],
  [
    'pictures that are not square',
    patched('resnet.float', (view, { graph, tensor, element, field }) => {
      const picture = tensor(view.getInt32(element(graph, 1, 0), true));
      for (const shape of [0, 7]) if (field(picture, shape)) view.setInt32(element(picture, shape, 1), 16, true);
    }),
    /^expected square pictures with three channels as input, .* received float32\[\?, 16, 32, 3\] as serving/,
  ],
  [
    'a stride of 0',
    patched('resnet.float', (view, { operator, field, target }) =>
      view.setInt32(field(target(field(operator(0), 4)), 1), 0, true),
    ),
    /^expected steps of 1 to 65536, received \d x 0, for operator 0 \(CONV_2D/,
  ],
  [
    'an activation that is not known',
    patched('resnet.float', (view, { operator, field, target }) =>
      view.setInt8(field(target(field(operator(0), 4)), 3), 5),
    ),
    /^expected an activation that is known, received number 5, for operator 0/,
  ],
  [
    'bytes behind the end of the file',
    // A Buffer without data, with an offset and a size of 64 bits each: its list of fields, then the table.
    extended('resnet.float', ({ root, element }) => element(root, 4, 1), bufferOutside(1_000_000, 400), 12),
    /buffer 1 is not among its \d+ bytes/,
  ],
  [
    'weights in another file',
    extended('resnet.float', stemWeights, tableOf({ 10: 1 }), TABLE),
    /^expected the weights inside the file, those of tensor number \d+ lie in another one: save the model in one file$/,
  ],
  [
    'sparse weights',
    // The offset leads to the empty table.
    extended('resnet.float', stemWeights, tableOf({ 2: bufferOfStem()[1], 6: 8 }), TABLE),
    /^expected every number of tensor number \d+ to be stored, received a sparse one: save the model without sparsity$/,
  ],
  [
    'more operators than there can be',
    extended('resnet.float', ({ graph, field }) => field(graph, 3), listOf(9000), 0),
    /^expected at most 8192 operators in a TFLite model, received 9000$/,
  ],
  [
    'a list longer than the file',
    patched('resnet.float', (view, { graph, field, target }) => view.setUint32(target(field(graph, 0)), 2 ** 31, true)),
    /lies outside the file: it is cut short or damaged/,
  ],
];

/** Where the offset of the first weights' tensor stands. */
function stemWeights({ graph, element, operand }: Places): number {
  return element(graph, 0, operand(0, 1, 1));
}

/** A table of eleven fields, those given as numbers of 32 bits, behind the list of where they stand; an empty table follows. */
function tableOf(values: Readonly<Record<number, number>>): readonly number[] {
  const entries = Object.entries(values);
  const view = new DataView(new ArrayBuffer(TABLE + 4 + 4 * entries.length + 12));
  view.setUint16(0, 26, true);
  view.setUint16(2, 4 + 4 * entries.length, true);
  view.setInt32(TABLE, TABLE, true);
  for (const [i, [field, value]] of entries.entries()) {
    view.setUint16(4 + 2 * Number(field), 4 + 4 * i, true);
    view.setUint32(TABLE + 4 + 4 * i, value, true);
  }
  const empty = TABLE + 4 + 4 * entries.length;
  view.setUint16(empty, 4, true);
  view.setUint16(empty + 2, 4, true);
  view.setInt32(empty + 4, 4, true);
  return [...new Uint8Array(view.buffer)];
}

function bufferOutside(offset: number, size: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(12 + 24));
  const fields = [10, 24, 0, 8, 16];
  for (const [i, value] of fields.entries()) view.setUint16(2 * i, value, true);
  view.setInt32(12, 12, true);
  view.setBigUint64(12 + 8, BigInt(offset), true);
  view.setBigUint64(12 + 16, BigInt(size), true);
  return [...new Uint8Array(view.buffer)];
}

test.each(CASES)('%s is refused in one line', (_, file, says) => {
  expect(() => readTflite(file)).toThrow(says);
  expect(() => readTflite(file)).not.toThrow('\n');
});

test('weights that lie behind the flatbuffer, as in files above 2 GB, are read', () => {
  const weight = (file: Uint8Array): readonly number[] => {
    const graph = readTflite(file).build(32);
    const conv = graph.nodes.find(({ op }) => op.kind === 'Conv');
    return [...(graph.constants.get(conv?.inputs[1] ?? '')?.read() ?? [])].map(Number);
  };
  const [data, buffer] = bufferOfStem();
  const moved = extended(
    'resnet.float',
    ({ root, element }) => element(root, 4, buffer),
    bufferOutside(data, 1728),
    12,
  );
  expect(weight(moved)).toEqual(weight(bytes));
  expect(new Set(weight(moved)).size).toBeGreaterThan(100);
});

/** Where the bytes of the first weights lie, and which buffer has them. */
function bufferOfStem(): readonly [number, number] {
  const found: [number, number] = [0, 0];
  patched('resnet.float', (view, { root, field, element, target, tensor, operand }) => {
    found[1] = view.getUint32(field(tensor(operand(0, 1, 1)), 2), true);
    found[0] = target(field(target(element(root, 4, found[1])), 0)) + 4;
  });
  return found;
}

function listOf(count: number): readonly number[] {
  const list = new Uint32Array(count + 1);
  list[0] = count;
  return [...new Uint8Array(list.buffer)];
}
