import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import { isJson, type Json, shown } from '../json.ts';
import type { SourceFacts } from './source-config.ts';
import { normalization, positive, senseless, statedInterpolation, unsupported } from './stated-values.ts';

/** What transformers calls classes that nobody named. */
const PLACEHOLDER = /^LABEL_\d+$/;
/** The most that transformers crops for; from here on it stretches pictures. */
const CROPPED_BELOW = 384;

/** What transformers' `config.json` and `preprocessor_config.json` say; see readSourceConfig. */
export function transformersFacts(config: Json, preprocessor: Json): SourceFacts {
  const act = config['hidden_act'] ?? 'relu';
  if (act !== 'relu') throw unsupported('hidden_act', 'relu', act);
  const labels = idToLabel(config['id2label']);
  const depths = config['depths'];
  const { warnings, ...geometry } = transformersGeometry(preprocessor);
  const interpolation = statedInterpolation(filterOf(preprocessor['resample']));
  const factor = positive('rescale_factor', preprocessor['rescale_factor']);
  return {
    hints: {
      ...(config['downsample_in_bottleneck'] === true ? { stride: 'first' } : {}),
      ...(config['downsample_in_first_stage'] === true ? { firstStride: 2 } : {}),
    },
    preprocessing: {
      ...geometry,
      ...interpolation.stated,
      ...normalization(preprocessor['image_mean'], preprocessor['image_std']),
      ...(factor === undefined ? {} : { scale: Math.round((1 / factor) * 1e6) / 1e6 }),
    },
    ...(labels === undefined ? {} : { classes: labels.length }),
    ...(labels === undefined || labels.every((label) => PLACEHOLDER.test(label)) ? {} : { labels }),
    ...(Array.isArray(depths) && depths.every(Number.isInteger) ? { depths } : {}),
    warnings: [...warnings, ...interpolation.warnings],
  };
}

/** Pillow's numbers of its filters. */
const RESAMPLE: Readonly<Record<number, string>> = {
  0: 'nearest',
  1: 'lanczos',
  2: 'bilinear',
  3: 'bicubic',
  4: 'box',
  5: 'hamming',
};

function filterOf(number: unknown): string | undefined {
  if (number === undefined || number === null) return undefined;
  return RESAMPLE[Number(number)] ?? `Pillow's filter ${shown(number)}`;
}

/** Size and crop of the image processors that transformers has for ResNets: ConvNext's, which crops by a share, and ViT's. */
function transformersGeometry(preprocessor: Json): Partial<Preprocessing> & { readonly warnings: readonly string[] } {
  const side = sideOf('size', preprocessor['size']);
  if (side === undefined) return { warnings: [] };
  const centre = preprocessor['do_center_crop'] === true ? sideOf('crop_size', preprocessor['crop_size']) : undefined;
  if (centre !== undefined) return { inputSize: centre, resize: Math.max(side, centre), warnings: [] };
  const crop = positive('crop_pct', preprocessor['crop_pct']);
  if (crop !== undefined && side < CROPPED_BELOW) {
    return { inputSize: side, resize: Math.floor(side / crop), warnings: [] };
  }
  const warnings = ['the source stretches pictures to a square, here their centre is cropped'];
  return { inputSize: side, resize: side, warnings };
}

function sideOf(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const side = isJson(value) ? (value['shortest_edge'] ?? value['height']) : value;
  const width = isJson(value) ? (value['width'] ?? side) : side;
  if (typeof side !== 'number' || !Number.isInteger(side) || side < 1 || width !== side) {
    throw unsupported(name, 'the side of a square', value);
  }
  return side;
}

/** `{"0": "tench, Tinca tinca", ...}`, in the order of the numbers. */
function idToLabel(value: unknown): readonly string[] | undefined {
  if (!isJson(value)) return undefined;
  return Array.from({ length: Object.keys(value).length }, (_, index) => {
    const label = value[String(index)];
    if (typeof label !== 'string') throw senseless(`id2label.${index}`, 'a name', label);
    return label;
  });
}
