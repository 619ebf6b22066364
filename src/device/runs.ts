import type { SchemeName } from '../tensor/quantization.ts';
import type { Precision, ProviderName } from './profile.ts';

/** The precision of a model file and, where it is INT8, its quantization scheme. */
export type ModelKind = { readonly precision: Precision; readonly scheme?: string | null | undefined };

type Abilities = {
  readonly precisions: readonly Precision[];
  /** The only INT8 scheme that it takes. */
  readonly scheme?: SchemeName;
};

/**
 * What each provider runs itself. INT8 is missing where ONNX Runtime has no 8-bit convolution for it (CUDA, CoreML) or gives wrong
 * results (WebGPU); TensorRT takes symmetric activations alone.
 */
const RUNS: Readonly<Record<ProviderName, Abilities>> = {
  cpu: { precisions: ['int8', 'fp16', 'fp32'] },
  wasm: { precisions: ['int8', 'fp16', 'fp32'] },
  cuda: { precisions: ['fp16', 'fp32'] },
  tensorrt: { precisions: ['int8', 'fp16', 'fp32'], scheme: 's8s8' },
  webgpu: { precisions: ['fp16', 'fp32'] },
  webnn: { precisions: ['int8', 'fp16', 'fp32'] },
  coreml: { precisions: ['fp16', 'fp32'] },
  dml: { precisions: ['int8', 'fp16', 'fp32'] },
};

/** True where some file cannot run on the provider, so that the file must be known first. */
export function isChoosy(provider: ProviderName): boolean {
  const { precisions, scheme } = RUNS[provider];
  return scheme !== undefined || !precisions.includes('int8');
}

/** Why the provider cannot run such a file and which one it wants, in a line; undefined where it can. */
export function refusal(provider: ProviderName, { precision, scheme }: ModelKind): string | undefined {
  const { precisions, scheme: only } = RUNS[provider];
  if (!precisions.includes(precision)) {
    const [wanted] = precisions;
    return `${provider} runs ${precisions.join(' and ')}, not ${precision}: for it convert with --precision ${wanted}`;
  }
  if (precision !== 'int8' || only === undefined || scheme === only) return undefined;
  return `${provider} runs int8 of scheme ${only}, not ${scheme ?? 'of another'}: for it convert with --scheme ${only}`;
}
