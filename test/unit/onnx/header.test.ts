import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { concat, encodeModel } from '../../../src/onnx/encode.ts';
import { readHeader, readMetadata } from '../../../src/onnx/header.ts';
import { float32 } from '../../../src/tensor/tensor.ts';
import { golden, tinyModel } from './files.ts';

describe('readHeader', () => {
  it('reads what decodeModel reads', () => {
    const bytes = golden('good/raw.onnx');
    const { metadata, graph } = decodeModel(bytes);
    expect(readHeader(bytes)).toEqual({ metadata, inputs: graph.inputs, outputs: graph.outputs });
    expect(readMetadata(bytes)).toEqual(
      new Map([
        ['resedge.labels', '["Katze","犬"]'],
        ['empty', ''],
      ]),
    );
  });

  it('jumps over nodes and tensors without looking into them', () => {
    const weights = new Float32Array(5000);
    const bytes = concat(
      encodeModel(
        tinyModel({ initializers: [{ name: 'weights', ...float32([5000], weights) }] }, new Map([['k', 'v']])),
      ),
    );
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    bytes.fill(0xff, text.indexOf('Relu'), text.indexOf('Relu') + 4);
    bytes.fill(0xff, text.indexOf('weights'), text.indexOf('weights') + 7);
    expect(() => decodeModel(bytes)).toThrow(/damaged bytes in node/);
    expect(readHeader(bytes).inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['N', 3] }]);
    expect(readMetadata(bytes)).toEqual(new Map([['k', 'v']]));
  });

  it.each(['subgraph', 'external', 'double', 'function', 'sparse', 'shapeless', 'sequence'])(
    'reads the metadata of %s.onnx, which decodeModel refuses',
    (name) => {
      expect(readHeader(golden(`refused/${name}.onnx`)).metadata).toEqual(new Map());
    },
  );

  it('leaves out interfaces of unhandled type', () => {
    expect(readHeader(golden('refused/shapeless.onnx')).outputs).toEqual([]);
    expect(readHeader(golden('refused/sequence.onnx')).inputs).toEqual([]);
  });

  it('refuses a truncated file', () => {
    const bytes = golden('good/raw.onnx');
    expect(() => readHeader(bytes.subarray(0, 500))).toThrow(/expected a whole ONNX model, .*premature EOF/);
  });
});
