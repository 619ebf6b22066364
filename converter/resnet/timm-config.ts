import { isJson, type Json } from '../json.ts';
import { hintsOf } from './families.ts';
import type { SourceFacts } from './source-config.ts';
import { count, normalization, positive, statedInterpolation, strings, unsupported } from './stated-values.ts';

const WORDNET_ID = /^n\d{8}$/;

/** What timm's `config.json` says of a network of its name `architecture`; see readSourceConfig. */
export function timmFacts(architecture: string, config: Json): SourceFacts {
  const stated = isJson(config['pretrained_cfg']) ? config['pretrained_cfg'] : config;
  const pool = config['global_pool'] ?? 'avg';
  if (pool !== 'avg') throw unsupported('global_pool', 'avg', pool);
  const names = strings('label_names', config['label_names'] ?? stated['label_names']);
  const said = isJson(config['label_descriptions']) ? config['label_descriptions'] : {};
  const ids = names?.every((name) => WORDNET_ID.test(name)) ? names : undefined;
  const labels = names?.map((name) => (typeof said[name] === 'string' ? said[name] : name));
  const size = timmSize(stated['input_size']);
  const crop = positive('crop_pct', stated['crop_pct']) ?? 0.875;
  const mode = stated['crop_mode'] ?? 'center';
  const interpolation = statedInterpolation(stated['interpolation']);
  const classes = count('num_classes', config['num_classes'] ?? stated['num_classes']);
  return {
    hints: hintsOf(architecture),
    preprocessing: {
      ...(size === undefined ? {} : { inputSize: size, resize: Math.floor(size / crop) }),
      ...interpolation.stated,
      ...normalization(stated['mean'], stated['std']),
    },
    ...(labels === undefined ? {} : { labels }),
    ...(ids === undefined ? {} : { labelIds: ids }),
    ...(classes === undefined ? {} : { classes }),
    warnings: [
      ...(mode === 'center' ? [] : [`the source crops by ${mode}, pictures are cropped in their centre`]),
      ...interpolation.warnings,
    ],
  };
}

function timmSize(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const [channels, height, width] = Array.isArray(value) ? value : [];
  if (channels !== 3 || height !== width || !Number.isInteger(height) || height < 1) {
    throw unsupported('input_size', '[3, size, size]', value);
  }
  return height;
}
