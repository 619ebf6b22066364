import { ResedgeError } from '../errors.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import { asOneOf, asStrings, asText, parseJson, unexpected } from './check.ts';
import { formatLearned, type Learned, parseLearned } from './learned.ts';
import { formatPreprocessing, parsePreprocessing } from './preprocessing.ts';
import { formatQuantizeAware, parseQuantizeAware, type QuantizeAware } from './quantize-aware.ts';

/** Everything that `classify` and its reader need to know about a model, kept inside the model file. */
export type ModelMetadata = {
  /** The name of every class, in the order of the scores. */
  readonly labels: readonly string[];
  /** WordNet ids beside the labels. */
  readonly labelIds?: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly output: 'logits' | 'probabilities';
  readonly arch: string;
  readonly precision: 'fp32' | 'fp16' | 'int8';
  /** The quantization scheme; null for a model that is not quantized. */
  readonly scheme: string | null;
  /** The weights file that the model was made from; `sha256` in lower-case hexadecimal. */
  readonly source: { readonly file: string; readonly format: string; readonly sha256: string };
  /** The program that made the file, with its version. */
  readonly tool: string;
  readonly licence?: string;
  /** Of a model whose classes `learn` taught it. */
  readonly learned?: Learned;
  /** Of a model whose weights learnt once more, rounded as they are stored. */
  readonly quantizeAware?: QuantizeAware;
};

/** The keys in the file's metadata_props, as a model viewer shows them; `memory` is read where a model grows. */
export const METADATA_KEYS = {
  labels: 'resedge.labels',
  labelIds: 'resedge.label_ids',
  preprocessing: 'resedge.preprocessing',
  output: 'resedge.output',
  arch: 'resedge.arch',
  precision: 'resedge.precision',
  scheme: 'resedge.scheme',
  sourceFile: 'resedge.source.file',
  sourceFormat: 'resedge.source.format',
  sourceSha256: 'resedge.source.sha256',
  tool: 'resedge.tool',
  licence: 'resedge.licence',
  learned: 'resedge.learned',
  quantizeAware: 'resedge.quantize_aware',
  memory: 'resedge.memory',
} as const;

const KEYS = METADATA_KEYS;

/** The entries that must be there, each with the options of `resedge convert` that decide it. */
const REQUIRED: readonly { readonly key: string; readonly options: readonly string[] }[] = [
  { key: KEYS.labels, options: ['--labels <file>'] },
  {
    key: KEYS.preprocessing,
    options: [
      '--input-size <px>',
      '--resize <px>',
      '--interpolation <name>',
      '--mean a,b,c',
      '--std a,b,c',
      '--scale <n>',
      '--channels rgb|bgr',
    ],
  },
  { key: KEYS.output, options: [] },
  { key: KEYS.arch, options: ['--arch <name>'] },
  { key: KEYS.precision, options: ['--precision <name>'] },
  { key: KEYS.sourceFile, options: [] },
  { key: KEYS.sourceFormat, options: [] },
  { key: KEYS.sourceSha256, options: [] },
  { key: KEYS.tool, options: [] },
];

/** The metadata as entries for the model file. Code `input` for anything that {@link decodeMetadata} would refuse. */
export function encodeMetadata(meta: ModelMetadata): ReadonlyMap<string, string> {
  const entries: readonly (readonly [string, string | null | undefined])[] = [
    [KEYS.labels, JSON.stringify(meta.labels)],
    [KEYS.labelIds, meta.labelIds && JSON.stringify(meta.labelIds)],
    [KEYS.preprocessing, formatPreprocessing(meta.preprocessing)],
    [KEYS.output, meta.output],
    [KEYS.arch, meta.arch],
    [KEYS.precision, meta.precision],
    [KEYS.scheme, meta.scheme],
    [KEYS.sourceFile, meta.source.file],
    [KEYS.sourceFormat, meta.source.format],
    [KEYS.sourceSha256, meta.source.sha256],
    [KEYS.tool, meta.tool],
    [KEYS.licence, meta.licence],
    [KEYS.learned, meta.learned && formatLearned(meta.learned)],
    [KEYS.quantizeAware, meta.quantizeAware && formatQuantizeAware(meta.quantizeAware)],
  ];
  const map = new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  decodeMetadata(map);
  return map;
}

/**
 * Reads what {@link encodeMetadata} wrote; other entries are ignored. Code `input`: if entries are missing, one error names
 * all of them and the options of `resedge convert` that supply them; if one is malformed, the error names it.
 */
export function decodeMetadata(entries: ReadonlyMap<string, string>): ModelMetadata {
  const missing = REQUIRED.filter(({ key }) => !entries.has(key));
  if (missing.length > 0) throw notOurs(missing);
  const text = (key: string): string => asText(key, entries.get(key));
  const optional = (key: string): string | undefined => (entries.has(key) ? text(key) : undefined);

  const labels = asStrings(KEYS.labels, parseJson(KEYS.labels, text(KEYS.labels)));
  const labelIds = parseLabelIds(optional(KEYS.labelIds), labels.length);
  const sha256 = text(KEYS.sourceSha256);
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw unexpected(KEYS.sourceSha256, '64 lower-case hexadecimal digits', sha256);
  }
  const licence = optional(KEYS.licence);
  const learned = optional(KEYS.learned);
  const aware = optional(KEYS.quantizeAware);
  return {
    labels,
    ...(labelIds && { labelIds }),
    preprocessing: parsePreprocessing(KEYS.preprocessing, text(KEYS.preprocessing)),
    output: asOneOf(KEYS.output, text(KEYS.output), ['logits', 'probabilities']),
    arch: text(KEYS.arch),
    precision: asOneOf(KEYS.precision, text(KEYS.precision), ['fp32', 'fp16', 'int8']),
    scheme: optional(KEYS.scheme) ?? null,
    source: { file: text(KEYS.sourceFile), format: text(KEYS.sourceFormat), sha256 },
    tool: text(KEYS.tool),
    ...(licence !== undefined && { licence }),
    ...(learned !== undefined && { learned: parseLearned(KEYS.learned, learned, labels.length) }),
    ...(aware !== undefined && { quantizeAware: parseQuantizeAware(KEYS.quantizeAware, aware) }),
  };
}

function parseLabelIds(text: string | undefined, count: number): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const ids = asStrings(KEYS.labelIds, parseJson(KEYS.labelIds, text));
  if (ids.length !== count) throw unexpected(KEYS.labelIds, `${count} ids, one for each label`, ids);
  return ids;
}

function notOurs(missing: typeof REQUIRED): ResedgeError {
  const keys = missing.map(({ key }) => key).join(', ');
  const options = missing.flatMap((entry) => entry.options).join(' ');
  return new ResedgeError(
    'input',
    `expected a model made by resedge convert, received one without the metadata ${keys}; ` +
      `convert its weights with: resedge convert <weights> -o <model.onnx>${options && ` ${options}`}`,
  );
}
