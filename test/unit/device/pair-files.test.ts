import { expect, test } from 'vitest';
import { type Pair, pairFiles } from '../../../src/device/pair-files.ts';
import type { Precision, ProviderChoice } from '../../../src/device/profile.ts';

const choice = (provider: ProviderChoice['provider'], precision: Precision): ProviderChoice => ({
  ...{ provider, precision },
  backend: 'onnxruntime-web',
});
const choices = [choice('webgpu', 'fp16'), choice('wasm', 'int8')];
const files = (...precisions: readonly Precision[]) => precisions.map((precision) => ({ precision, scheme: null }));
const named = (pairs: readonly Pair<{ readonly precision: Precision }>[]): readonly string[] =>
  pairs.map(({ choice: { provider }, file: { precision } }) => `${provider} ${precision}`);

test('each provider takes the precision that it wants first, then what else it runs', () => {
  expect(named(pairFiles(choices, files('fp32', 'int8', 'fp16')))).toEqual([
    ...['webgpu fp16', 'webgpu fp32'],
    ...['wasm int8', 'wasm fp32', 'wasm fp16'],
  ]);
});

test('a provider that runs none of the files is left out', () => {
  expect(named(pairFiles(choices, files('int8')))).toEqual(['wasm int8']);
  expect(pairFiles([choice('webgpu', 'fp16')], files('int8'))).toEqual([]);
});

test('so is a pair that is known to lack something here', () => {
  const lacks = ({ choice: { provider }, file }: Pair<{ readonly precision: Precision }>): boolean =>
    provider === 'webgpu' && file.precision === 'fp16';
  expect(named(pairFiles(choices, files('fp16', 'fp32'), lacks))).toEqual(['webgpu fp32', 'wasm fp16', 'wasm fp32']);
});
