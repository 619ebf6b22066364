import type { DType } from '../../src/tensor/dtype.ts';
import { LABELS_FILE, labelsText } from './readme.ts';
import { quoted, shellPath } from './shell.ts';
import type { Port, TargetFacts, TargetUsage } from './types.ts';

/** Requests that the server joins to one inference, at most, of a model of any batch. */
const MAX_BATCH = 32;
const TYPES: Partial<Readonly<Record<DType, string>>> = { uint8: 'TYPE_UINT8', float32: 'TYPE_FP32' };

/** A model repository with one model in one version. */
export function tritonUsage({ metadata, input, scores, output }: TargetFacts): TargetUsage {
  const name = metadata.arch.replaceAll(/[^\w.-]+/g, '-');
  const fixed = typeof input.dims[0] === 'number';
  const config = [
    `name: ${quoted(name)}`,
    'platform: "onnxruntime_onnx"',
    // A model of a fixed batch states it among its dimensions.
    `max_batch_size: ${fixed ? 0 : MAX_BATCH}`,
    `input [\n${port(input, fixed)}\n]`,
    `output [\n${port(scores, fixed, LABELS_FILE)}\n]`,
    ...(fixed ? [] : ['dynamic_batching { }']),
  ];
  return {
    commands: [`tritonserver --model-repository=${shellPath(output)}`],
    model: `${name}/1/model.onnx`,
    files: [
      { path: `${name}/config.pbtxt`, text: `${config.join('\n')}\n` },
      { path: `${name}/${LABELS_FILE}`, text: labelsText(metadata) },
    ],
  };
}

function port({ name, dtype, dims }: Port, fixed: boolean, labels?: string): string {
  const shown = fixed ? dims : dims.slice(1);
  const fields = [
    `name: ${quoted(name)}`,
    `data_type: ${TYPES[dtype] ?? 'TYPE_FP32'}`,
    `dims: [ ${shown.join(', ')} ]`,
    ...(labels === undefined ? [] : [`label_filename: ${quoted(labels)}`]),
  ];
  return `  {\n${fields.map((field) => `    ${field}`).join('\n')}\n  }`;
}
