import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import { isJson } from '../json.ts';
import type { Hints } from './architecture.ts';
import { timmFacts } from './timm-config.ts';
import { transformersFacts } from './transformers-config.ts';

/** What the files beside some weights say of them. */
export type SourceFacts = {
  readonly hints: Hints;
  readonly preprocessing: Partial<Preprocessing>;
  readonly labels?: readonly string[];
  readonly labelIds?: readonly string[];
  readonly classes?: number;
  /** Blocks of each stage. */
  readonly depths?: readonly number[];
  /** What is asked for and not done. */
  readonly warnings: readonly string[];
};

/**
 * Reads what timm's `config.json`, or transformers' with its `preprocessor_config.json`, states. Undefined for a config of something
 * else. Throws `input` for values that make no sense, `unsupported` for what no network here does.
 */
export function readSourceConfig(config: unknown, preprocessor?: unknown): SourceFacts | undefined {
  if (!isJson(config)) return undefined;
  if (typeof config['architecture'] === 'string') return timmFacts(config['architecture'], config);
  if (config['model_type'] === 'resnet') return transformersFacts(config, isJson(preprocessor) ? preprocessor : {});
  return undefined;
}
