import { describe, expect, test } from 'vitest';
import { readNetwork } from '../../../../converter/network.ts';
import { trainedMetadata } from '../../../../converter/resnet/trained-facts.ts';
import { writeSafetensors } from '../../../../converter/weights/write-safetensors.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { architecture, seededTensors } from '../networks.ts';

const preprocessing: Preprocessing = {
  ...{ input: 'float', layout: 'nchw', channels: 'rgb', inputSize: 48, resize: 52, interpolation: 'bicubic' },
  ...{ scale: 255, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] },
};

function fileWith(labels: readonly string[], edit: (entries: Map<string, string>) => void = () => {}): Uint8Array {
  const metadata = new Map(trainedMetadata(labels, preprocessing));
  edit(metadata);
  return concat(writeSafetensors(seededTensors(architecture({ depths: [1], classes: 2 }), 1), metadata));
}

describe('trained weights', () => {
  test('say what their classes and their pictures are, before what lies beside them', () => {
    const beside = { hints: {}, preprocessing: { inputSize: 32 }, labels: ['x', 'y'], warnings: [] };
    const { labels, preprocessing: found } = readNetwork(fileWith(['cat', 'dog']), 'auto', beside);
    expect(labels).toEqual(['cat', 'dog']);
    const { input: _, layout: __, ...seen } = preprocessing;
    expect(found).toEqual(seen);
  });

  test('that say nothing leave the word to what lies beside them', () => {
    const silent = fileWith(['cat', 'dog'], (entries) => entries.clear());
    const beside = { hints: {}, preprocessing: { inputSize: 40 }, labels: ['x', 'y'], warnings: [] };
    expect(readNetwork(silent, 'auto', beside)).toMatchObject({ labels: ['x', 'y'], preprocessing: { inputSize: 40 } });
    expect(readNetwork(silent, 'auto').labels).toBeUndefined();
  });

  test('with labels for another number of classes, or labels that are none, are refused', () => {
    expect(() => readNetwork(fileWith(['a', 'b', 'c']), 'auto')).toThrow(/3 classes/);
    const broken = fileWith(['a', 'b'], (entries) => entries.set('resedge.labels', '[1, 2]'));
    expect(() => readNetwork(broken, 'auto')).toThrow(/a list of one or more strings as resedge.labels/);
  });
});
