import { concat, encodeModel } from '../../../../src/onnx/encode.ts';
import { encodeMetadata, type ModelMetadata } from '../../../../src/onnx/metadata.ts';
import { tinyModel } from '../../onnx/files.ts';

export const FP32: ModelMetadata = {
  labels: ['cat', 'dog'],
  preprocessing: {
    ...{ input: 'raw', layout: 'nhwc', channels: 'rgb', inputSize: 32, resize: 32, interpolation: 'bilinear' },
    ...{ scale: 255, mean: [0, 0, 0], std: [1, 1, 1] },
  },
  ...{ output: 'logits', arch: 'resnet20', precision: 'fp32', scheme: null, tool: 'resedge 0.1.0' },
  source: { file: 'weights.pth', format: 'pytorch', sha256: 'ab'.repeat(32) },
};

/** A model of one node that says this of itself. */
export function modelFile(metadata: Partial<ModelMetadata>): Uint8Array {
  return concat(encodeModel(tinyModel({}, encodeMetadata({ ...FP32, ...metadata }))));
}
