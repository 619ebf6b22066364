import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pictures } from './cifar.ts';
import { ROOT, workPath } from './folders.ts';
import { measure } from './process.ts';
import { pythonWith } from './python.ts';
import { say } from './report.ts';

const PACKAGES = ['nncf==3.4.0', 'numpy==2.4.6', 'onnx==1.23.2', 'onnxruntime==1.32.0'] as const;
const SCRIPT = join(import.meta.dirname, '../bare/peers.py');

/** A quantizer of others and what it is told, in its own words. */
export type Settings =
  | {
      readonly tool: 'onnxruntime';
      readonly method: 'MinMax' | 'Entropy' | 'Percentile';
      readonly perChannel: boolean;
      readonly reduceRange: boolean;
    }
  | { readonly tool: 'nncf'; readonly preset: 'performance' | 'mixed'; readonly fastBiasCorrection: boolean };

const METHODS = ['MinMax', 'Entropy', 'Percentile'] as const;
const EITHER = [false, true] as const;

/** ONNX Runtime's for U8S8 kernels: weights of 8 bits or, with `reduceRange`, of 7. */
export function onnxRuntimeSettings(reduceRange: boolean): readonly Settings[] {
  const tool = 'onnxruntime';
  return METHODS.flatMap((method) => EITHER.map((perChannel) => ({ tool, method, perChannel, reduceRange }) as const));
}

/** What `nncf.quantize` does unasked. */
export const NNCF_DEFAULT: Settings = { tool: 'nncf', preset: 'performance', fastBiasCorrection: true };

export const NNCF_SETTINGS: readonly Settings[] = (['performance', 'mixed'] as const).flatMap((preset) =>
  EITHER.map((fastBiasCorrection) => ({ tool: 'nncf', preset, fastBiasCorrection }) as const),
);

/** Settings in a few words. */
export function describeSettings(settings: Settings): string {
  if (settings.tool === 'onnxruntime') {
    return `${settings.method}, per ${settings.perChannel ? 'channel' : 'tensor'}`;
  }
  return `${settings.preset}, ${settings.fastBiasCorrection ? 'fast' : 'full'} bias correction`;
}

/** The ONNX files that others make of a folded FP32 model and pictures, in the order of `settings`; those made before are kept. */
export async function quantizedByOthers(
  model: string,
  { float }: Pictures,
  settings: readonly Settings[],
): Promise<readonly string[]> {
  const made = createHash('sha256').update(PACKAGES.join());
  for (const path of [SCRIPT, model]) made.update(readFileSync(path));
  const key = made.update(float.data).digest('hex').slice(0, 16);
  const folder = workPath('quantizers');
  mkdirSync(folder, { recursive: true });
  const pictures = join(folder, `${key}.f32`);
  const jobs = settings.map((each) => {
    const name = Object.values(each).join('-');
    return { ...each, model, pictures, output: join(folder, `${key}-${name}.onnx`) };
  });
  const wanted = jobs.filter(({ output }) => !existsSync(output));
  if (wanted.length > 0) {
    const list = join(folder, `${key}.json`);
    writeFileSync(pictures, float.data);
    writeFileSync(list, JSON.stringify(wanted));
    say(`quantizing with ${wanted.map((each) => `${each.tool} (${describeSettings(each)})`).join(', ')}`);
    await measure(await pythonWith(join(ROOT, '.cache/bench-venv'), PACKAGES), [SCRIPT, list]);
  }
  return jobs.map(({ output }) => output);
}
