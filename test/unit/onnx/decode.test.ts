import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isResedgeError } from '../../../src/errors.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { concat, encodeModel } from '../../../src/onnx/encode.ts';
import { readHeader } from '../../../src/onnx/header.ts';
import { MAX_ITEMS } from '../../../src/onnx/read.ts';
import { looksLikeOnnx } from '../../../src/onnx/recognise.ts';
import { tensorBytes } from '../../../src/tensor/tensor.ts';
import { allGolden, describeModel, GOOD, golden, goldenJson, tinyModel } from './files.ts';

const { Bit32, LengthDelimited, StartGroup, EndGroup, Varint } = WireType;

/** A model whose graph holds one message, given as its bytes, as the field of that number. */
function modelWith(field: number, message: Uint8Array): Uint8Array {
  const graph = new BinaryWriter().tag(field, LengthDelimited).bytes(message).finish();
  return new BinaryWriter().tag(1, Varint).int32(8).tag(7, LengthDelimited).bytes(graph).finish();
}

const write = (): BinaryWriter => new BinaryWriter();
const withTensor = (tensor: BinaryWriter): Uint8Array => modelWith(5, tensor.finish());
const float2 = (): BinaryWriter =>
  write().tag(1, Varint).int64(2).tag(2, Varint).int32(1).tag(8, LengthDelimited).string('w');
const withAttribute = (attribute: BinaryWriter): Uint8Array =>
  modelWith(1, write().tag(5, LengthDelimited).bytes(attribute.finish()).tag(4, LengthDelimited).string('Op').finish());

describe('decodeModel', () => {
  const expected = goldenJson('expected.json');

  it.each(GOOD)('reads %s.onnx as the onnx package does', (name) => {
    expect(describeModel(decodeModel(golden(`good/${name}.onnx`)))).toEqual(expected[name]);
  });

  it.each([
    ['subgraph', /sub-graph/, /attribute \w+_branch of node choose \(If\)/],
    ['external', /external data/, /tensor w/],
    ['double', /DOUBLE/, /tensor w/],
    ['strings', /STRING/, /tensor w/],
    ['function', /without functions/, /inline them/],
    ['sparse', /sparse/, /dense initializers/],
    ['type-attribute', /TYPE_PROTO/, /attribute type of node relu \(Relu\)/],
    ['shapeless', /FLOAT tensor without a shape/, /graph output y/],
    ['sequence', /something else than a dense tensor/, /graph input x/],
  ])('refuses %s.onnx by name', (name, what, where) => {
    const error = failure(() => decodeModel(golden(`refused/${name}.onnx`)));
    expect(isResedgeError(error, 'unsupported')).toBe(true);
    expect(String(error)).toMatch(what);
    expect(String(error)).toMatch(where);
  });

  it('views raw data in place where it is aligned and copies it where not', () => {
    const data = Float32Array.from([1, 2, 3, 4]);
    const bytes = concat(encodeModel(tinyModel({ initializers: [{ name: 'w', dtype: 'float32', dims: [4], data }] })));
    for (let shift = 0; shift < 4; shift++) {
      const moved = new Uint8Array(bytes.length + shift).subarray(shift);
      moved.set(bytes);
      const [tensor] = decodeModel(moved).graph.initializers;
      expect(tensor?.data).toEqual(data);
      const offset = moved.byteOffset + bytes.length - tensorOffsetFromEnd(bytes);
      expect(tensorBytes(tensor!).buffer === moved.buffer).toBe(offset % 4 === 0);
    }
  });

  it('reads numbers written one by one or packed in pieces', () => {
    const bytes = withTensor(
      write()
        .tag(1, LengthDelimited)
        .bytes(Uint8Array.of(2, 3))
        .tag(2, Varint)
        .int32(6)
        .tag(5, Varint)
        .int32(-7)
        .tag(5, LengthDelimited)
        .bytes(Uint8Array.of(1, 2))
        .tag(5, Varint)
        .int32(300)
        .tag(5, LengthDelimited)
        .bytes(Uint8Array.of(3, 4)),
    );
    const [tensor] = decodeModel(bytes).graph.initializers;
    expect(tensor).toEqual({ name: '', dtype: 'int32', dims: [2, 3], data: Int32Array.of(-7, 1, 2, 300, 3, 4) });
  });

  it('tells the kind of an attribute without a type by its field', () => {
    const read = (attribute: BinaryWriter): unknown =>
      decodeModel(withAttribute(attribute)).graph.nodes[0]?.attributes.get('a');
    const named = (): BinaryWriter => write().tag(1, LengthDelimited).string('a');
    expect(read(named().tag(2, Bit32).float(0.5))).toEqual({ kind: 'float', value: 0.5 });
    expect(read(named().tag(3, Varint).int64(-1))).toEqual({ kind: 'int', value: -1 });
    expect(read(named().tag(8, LengthDelimited).bytes(Uint8Array.of(1, 2)))).toEqual({ kind: 'ints', value: [1, 2] });
    expect(() => read(named().tag(6, LengthDelimited).bytes(new Uint8Array(0)))).toThrow(/a sub-graph/);
    expect(() => read(named())).toThrow(/UNDEFINED/);
  });

  it('gives a value that a type promises and the file leaves out its default', () => {
    const attribute = write().tag(1, LengthDelimited).string('a').tag(20, Varint).int32(2);
    expect(decodeModel(withAttribute(attribute)).graph.nodes[0]?.attributes.get('a')).toEqual({
      kind: 'int',
      value: 0,
    });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /it holds no graph/],
    [
      'more shape than data',
      withTensor(float2().tag(9, LengthDelimited).bytes(new Uint8Array(4))),
      /2 elements .* received 1/,
    ],
    ['part of an element', withTensor(float2().tag(9, LengthDelimited).bytes(new Uint8Array(7))), /received 1.75/],
    ['no data at all', withTensor(float2()), /tensor w: expected 2 elements for \[2\], received 0/],
    [
      'a huge shape',
      withTensor(
        write()
          .tag(1, Varint)
          .int64(2 ** 52)
          .tag(1, Varint)
          .int64(2 ** 52)
          .tag(2, Varint)
          .int32(1),
      ),
      /received 0/,
    ],
    ['an endless shape times nothing', withTensor(shape([...Array<number>(31).fill(2 ** 53 - 1), 0])), /received 0/],
    ['a negative dimension', withTensor(shape([-1])), /received \[-1\]/],
    [
      'a dimension past 2^53',
      withTensor(
        write()
          .tag(1, Varint)
          .int64(2n ** 60n)
          .tag(2, Varint)
          .int32(1),
      ),
      /within 2\^53/,
    ],
    ['too many dimensions', withTensor(shape(Array<number>(33).fill(1))), /at most 32 dimensions/],
    [
      'a value outside its type',
      withTensor(write().tag(1, Varint).int64(1).tag(2, Varint).int32(2).tag(5, Varint).int32(256)),
      /expected uint8 values, received 256/,
    ],
    [
      'a cut packed integer',
      withTensor(write().tag(2, Varint).int32(6).tag(5, LengthDelimited).bytes(Uint8Array.of(0x80))),
      /cut off/,
    ],
    [
      'an overlong packed integer',
      withTensor(
        write()
          .tag(2, Varint)
          .int32(6)
          .tag(5, LengthDelimited)
          .bytes(new Uint8Array(12).fill(0x80, 0, 11)),
      ),
      /invalid varint/,
    ],
    [
      'a lying length',
      write()
        .tag(7, LengthDelimited)
        .uint32(2 ** 32 - 1)
        .finish(),
      /premature EOF/,
    ],
    ['a field of another wire type', write().tag(7, Varint).int32(1).finish(), /field 7 has wire type 0 instead of 2/],
    ['two graphs', concat([modelWith(2, new Uint8Array(0)), modelWith(2, new Uint8Array(0))]), /two graphs/],
    ['a name that is not UTF-8', modelWith(2, Uint8Array.of(0xff)), /the graph/],
    ['a node without operator', modelWith(1, new Uint8Array(0)), /names no operator/],
    ['deep groups', nestedGroups(100_000), /recursion depth/],
  ])('refuses %s', (_, bytes, message) => {
    const error = failure(() => decodeModel(bytes));
    expect(isResedgeError(error, 'input')).toBe(true);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toMatch(/\n/);
  });

  it.each([
    ['a location elsewhere', float2().tag(14, Varint).int32(1), /tensor w with external data/],
    ['a segment', float2().tag(3, LengthDelimited).bytes(Uint8Array.of(8, 0)), /a segment of tensor w/],
  ])('refuses a tensor with %s', (_, tensor, message) => {
    const error = failure(() => decodeModel(withTensor(tensor)));
    expect(isResedgeError(error, 'unsupported')).toBe(true);
    expect(String(error)).toMatch(message);
  });

  it('stops at a named limit of parts', () => {
    const nodes = new Uint8Array(2 * MAX_ITEMS);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = (13 << 3) | LengthDelimited;
    const bytes = write().tag(7, LengthDelimited).bytes(nodes).finish();
    expect(
      isResedgeError(
        failure(() => decodeModel(bytes)),
        'limit',
      ),
    ).toBe(true);
  });

  it('skips what it does not know', () => {
    const unknown = write()
      .tag(4, LengthDelimited)
      .string('domain')
      .tag(99, StartGroup)
      .tag(1, Varint)
      .int32(1)
      .tag(99, EndGroup)
      .tag(100, WireType.Bit64)
      .fixed64(1)
      .finish();
    const model = tinyModel();
    expect(decodeModel(concat([unknown, ...encodeModel(model), unknown]))).toEqual(model);
  });

  it('survives any damage to real files with an error of its own', () => {
    const files = allGolden();
    const edit = fc.record({
      at: fc.nat(2000),
      byte: fc.nat(255),
      kind: fc.constantFrom('set', 'cut', 'drop', 'insert'),
    });
    const damage = fc.tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(damage, ([file, edits]) => {
        let bytes = Uint8Array.from(file);
        for (const { at, byte, kind } of edits) {
          const i = at % (bytes.length + 1);
          if (kind === 'set') bytes[i] = byte;
          if (kind === 'cut') bytes = bytes.slice(0, i);
          if (kind === 'drop') bytes = concat([bytes.subarray(0, i), bytes.subarray(i + 1)]) as typeof bytes;
          if (kind === 'insert')
            bytes = concat([bytes.subarray(0, i), Uint8Array.of(byte), bytes.subarray(i)]) as typeof bytes;
        }
        expectOwnErrors(bytes);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('survives every truncation of a real file, and random bytes', () => {
    const file = golden('good/raw.onnx');
    for (let length = 0; length < file.length; length++) expectOwnErrors(file.subarray(0, length));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectOwnErrors), { numRuns: 1000, seed: 3 });
  });
});

function shape(dims: readonly number[]): BinaryWriter {
  const writer = write().tag(2, Varint).int32(1);
  for (const dim of dims) writer.tag(1, Varint).int64(dim);
  return writer;
}

function nestedGroups(depth: number): Uint8Array {
  return new Uint8Array(depth).fill((4 << 3) | StartGroup);
}

/** Distance of the only tensor's data from the end of a tinyModel file: the data and everything after it. */
function tensorOffsetFromEnd(bytes: Uint8Array): number {
  const data = tensorBytes({ dtype: 'float32', dims: [1], data: Float32Array.of(1) });
  const start = bytes.findIndex((_, i) => data.every((byte, j) => bytes[i + j] === byte));
  return bytes.length - start;
}

function failure(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

function expectOwnErrors(bytes: Uint8Array): void {
  expect(typeof looksLikeOnnx(bytes)).toBe('boolean');
  for (const read of [decodeModel, readHeader]) {
    try {
      read(bytes);
    } catch (error) {
      if (!isResedgeError(error)) throw error;
      expect(['input', 'unsupported', 'limit']).toContain(error.code);
      expect(error.message).not.toMatch(/\n/);
    }
  }
}
