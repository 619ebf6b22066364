import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../../converter/json.ts';
import type { Network } from '../../../converter/network.ts';
import { mismatched } from '../../../converter/resnet/check.ts';
import { readSourceConfig, type SourceFacts } from '../../../converter/resnet/source-config.ts';
import { readText } from '../files.ts';
import { about } from '../model/about.ts';
import { torchvisionPreset } from './torchvision.ts';

/**
 * What is known of a file of weights beside what it holds: from `config.json` and `preprocessor_config.json` in its folder, as timm and
 * transformers write them, or from torchvision where its SHA-256 is one of theirs. Throws `input` or `unsupported` for a config of such
 * a model that makes no sense; a config of something else says nothing.
 */
export function factsBeside(weights: string, sha256: string): SourceFacts | undefined {
  const preset = torchvisionPreset(sha256);
  if (preset) return { hints: {}, preprocessing: preset.preprocessing, warnings: [] };
  const folder = folderOf(weights);
  const path = join(folder, 'config.json');
  const config = readJson(path);
  if (config.warnings.length > 0) return { hints: {}, preprocessing: {}, warnings: config.warnings };
  if (config.value === undefined) return undefined;
  const preprocessor = readJson(join(folder, 'preprocessor_config.json'));
  const facts = about(path, () => readSourceConfig(config.value, preprocessor.value));
  return facts && { ...facts, warnings: [...facts.warnings, ...preprocessor.warnings] };
}

/** Hugging Face's repositories have ONNX files in a folder of their own, below what describes them. */
function folderOf(weights: string): string {
  const folder = dirname(weights);
  return basename(folder) === 'onnx' ? dirname(folder) : folder;
}

/**
 * A model that says nothing of its labels and pictures itself, with what lies beside it. Throws `input` where that is about another
 * number of classes.
 */
export function withFacts(network: Network, facts: SourceFacts | undefined): Network {
  if (facts === undefined || network.labels !== undefined) return network;
  const { labels, labelIds, classes, preprocessing, warnings } = facts;
  const count = labels?.length ?? classes;
  if (count !== undefined && count !== network.classes) {
    throw mismatched(`${count} classes`, `a model with ${network.classes}`);
  }
  // A resize belongs to the size that it is stated with.
  const { resize, ...others } = preprocessing;
  const fits = resize !== undefined && preprocessing.inputSize === network.preprocessing.inputSize;
  return {
    ...network,
    preprocessing: { ...others, ...(fits ? { resize } : {}), ...network.preprocessing },
    ...(labels ? { labels } : {}),
    ...(labelIds ? { labelIds } : {}),
    warnings: [...network.warnings, ...warnings],
  };
}

/** No value for a file that is not there, nor for one that is damaged, which is said. */
function readJson(path: string): { readonly value?: unknown; readonly warnings: readonly string[] } {
  if (!existsSync(path)) return { warnings: [] };
  try {
    return { value: parseJson(readText(path, 'JSON')), warnings: [] };
  } catch {
    return { warnings: [`${path} is not JSON: nothing was read from it`] };
  }
}
