import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, workPath } from './folders.ts';
import { measure } from './process.ts';
import { pythonWith } from './python.ts';
import { say } from './report.ts';

const TRANSFORMERS = '4.3.1';

/** The version of ONNX Runtime that the package runs on; Python's has the same one. */
function runtimeVersion(): string {
  const manifest = readFileSync(join(ROOT, 'node_modules/onnxruntime-node/package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** A Python with Pillow, ONNX Runtime and OpenVINO, installed on first use into .cache/bench. */
export async function python(): Promise<string> {
  const packages = ['numpy==2.4.6', 'pillow==13.0.0', 'onnx==1.23.2', `onnxruntime==${runtimeVersion()}`];
  return await pythonWith(workPath('venv'), [...packages, 'openvino==2026.4.1']);
}

/** The folder into which Transformers.js is installed on first use; its own ONNX Runtime is the package's. */
export async function transformers(): Promise<string> {
  const folder = workPath('transformers');
  const mark = join(folder, '.finished');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === TRANSFORMERS) return folder;
  say('installing Transformers.js');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packages = [`@huggingface/transformers@${TRANSFORMERS}`, `onnxruntime-node@${runtimeVersion()}`];
  // The scripts fetch CUDA's libraries, which no bench uses.
  await measure('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, ...packages]);
  writeFileSync(mark, TRANSFORMERS);
  return folder;
}
