import { ResedgeError } from '../../src/errors.ts';
import type { SchemeName } from '../../src/tensor/quantization.ts';
import type { FileForm } from '../exchange/encode-graph.ts';
import { type Form, qnnForm, tensorrtForm } from './form.ts';
import { hailoUsage } from './hailo.ts';
import type { TargetName } from './names.ts';
import { rknnUsage } from './rknn.ts';
import { tritonUsage } from './triton.ts';
import type { TargetFacts, TargetUsage } from './types.ts';
import { openvinoUsage, ortUsage, qnnUsage, tensorrtUsage } from './usage.ts';

/** What one consumer of models takes. Of every list the first is the default. */
export type Target = {
  readonly name: TargetName;
  /** Of what `convert` writes: one ONNX file, one file in ONNX Runtime's own format, or a folder. */
  readonly output: 'onnx' | 'ort' | 'folder';
  readonly precisions: readonly ('int8' | 'fp16' | 'fp32')[];
  readonly schemes: readonly SchemeName[];
  readonly formats: readonly NonNullable<FileForm['format']>[];
  readonly inputs: readonly ('raw' | 'float')[];
  /** Pictures in one inference: any number unless fixed, a fixed one (1 unless stated), or one. */
  readonly batch: 'any' | 'fixed' | 'one';
  /** Its own tool quantizes, and gets the calibration pictures: in RGB, or in the model's channel order. */
  readonly calibrates?: 'rgb' | 'model';
  /** True: it runs the first convolution in integers where the pixels are quantized like any value, not where they are stored. */
  readonly centresPixels: boolean;
  readonly form?: Form;
  /** How to go on with what was written. */
  readonly usage: (facts: TargetFacts) => TargetUsage;
};

const quantized = {
  output: 'onnx',
  precisions: ['int8', 'fp16', 'fp32'],
  formats: ['qdq'],
  inputs: ['raw', 'float'],
  batch: 'any',
  centresPixels: false,
} as const;

const vendor = {
  ...quantized,
  output: 'folder',
  precisions: ['fp32'],
  schemes: [],
  inputs: ['float'],
  batch: 'one',
} as const;

const CPU_SCHEMES = ['u8s8-safe', 'u8s8'] as const;
const ANY_SCHEME = [...CPU_SCHEMES, 's8s8', 'u16s8', 'u8s4'] as const;

export const TARGETS: Readonly<Record<TargetName, Target>> = {
  tensorrt: {
    name: 'tensorrt',
    ...quantized,
    schemes: ['s8s8'],
    form: tensorrtForm,
    usage: tensorrtUsage,
  },
  openvino: {
    name: 'openvino',
    ...quantized,
    schemes: CPU_SCHEMES,
    centresPixels: true,
    usage: openvinoUsage,
  },
  qnn: {
    name: 'qnn',
    ...quantized,
    schemes: ['u8s8', 'u16s8'],
    precisions: ['int8'],
    inputs: ['float'],
    batch: 'fixed',
    form: qnnForm,
    usage: qnnUsage,
  },
  rknn: { name: 'rknn', ...vendor, calibrates: 'rgb', usage: rknnUsage },
  hailo: { name: 'hailo', ...vendor, calibrates: 'model', usage: hailoUsage },
  triton: {
    name: 'triton',
    ...quantized,
    output: 'folder',
    formats: ['qdq', 'qoperator'],
    schemes: ANY_SCHEME,
    usage: tritonUsage,
  },
  ort: {
    name: 'ort',
    ...quantized,
    output: 'ort',
    schemes: ANY_SCHEME,
    usage: ortUsage,
  },
};

/** Choices that a user stated. */
export type Stated = {
  readonly precision?: Target['precisions'][number];
  readonly scheme?: SchemeName;
  readonly format?: NonNullable<FileForm['format']>;
  readonly input?: 'raw' | 'float';
  readonly batch?: number;
  readonly calibrate?: string;
};

/** Throws `usage`, in one line, for a choice that makes no sense for a target. */
export function expectFit({ name, ...target }: Target, stated: Stated): void {
  const refuse = (option: string, given: string | number, expected: string): never => {
    throw new ResedgeError(
      'usage',
      `--target ${name} takes ${expected}, received --${option} ${given}: leave --${option} out`,
    );
  };
  const expectOneOf = (option: string, given: string | undefined, known: readonly string[]): void => {
    if (given !== undefined && !known.includes(given)) refuse(option, given, `--${option} ${known.join(' or ')}`);
  };
  const calibrated = target.calibrates ? ', which its own tool quantizes' : '';
  if (stated.precision !== undefined && !target.precisions.includes(stated.precision)) {
    refuse('precision', stated.precision, `${target.precisions.join(' or ')}${calibrated}`);
  }
  if (stated.scheme !== undefined && target.schemes.length === 0) {
    refuse('scheme', stated.scheme, `fp32${calibrated}`);
  }
  expectOneOf('scheme', stated.scheme, target.schemes);
  expectOneOf('format', stated.format, target.formats);
  expectOneOf('input', stated.input, target.inputs);
  if (target.batch === 'one' && stated.batch !== undefined && stated.batch !== 1) {
    refuse('batch', stated.batch, '--batch 1');
  }
  const { calibrate } = stated;
  if (target.calibrates && (calibrate === undefined || calibrate === 'none' || calibrate.endsWith('.json'))) {
    throw new ResedgeError(
      'usage',
      `--target ${name} hands calibration pictures over to the vendor's tool: expected --calibrate <folder of pictures>, received ${calibrate ?? 'none'}`,
    );
  }
}
