import { isResedgeError } from '../../src/errors.ts';
import { decodeUtf8 } from '../weights/bytes.ts';
import { readZip } from '../weights/zip.ts';
import { int8, numbersIn, rootOf, type Table, tableIn, tablesIn, textIn, uint8 } from './flatbuffer.ts';
import type { LiteModel } from './model.ts';
import { statedValues } from './preprocessing.ts';

/** What a model's own metadata says of its pictures and classes. */
export type Stated = {
  readonly values?: NonNullable<ReturnType<typeof statedValues>>;
  readonly labels?: readonly string[];
  readonly warnings: readonly string[];
};

/** Numbers of the fields of the metadata's own schema, version 1. */
const MODEL = { subgraphs: 3 } as const;
const SUBGRAPH = { inputs: 2, outputs: 3 } as const;
const TENSOR = { units: 4, files: 6 } as const;
const UNIT = { kind: 0, options: 1 } as const;
const NORMALIZATION = { kind: 1, mean: 0, std: 1 } as const;
const FILE = { name: 0, kind: 2 } as const;
/** A file with a name for each class. */
const AXIS_LABELS = 2;

const MAX_LISTED = 64;
/** Classes of a classifier. */
const MAX_LABELS = 1_000_000;

/** Reads `TFLITE_METADATA` and the label file that is packed behind the model; metadata that is damaged is said and left. */
export function readMetadata(bytes: Uint8Array, { metadata }: LiteModel, classes: number): Stated {
  const stored = metadata.get('TFLITE_METADATA');
  if (stored === undefined) return { warnings: [] };
  try {
    const [graph] = tablesIn(rootOf(stored), MODEL.subgraphs, MAX_LISTED, 'subgraphs');
    const [input] = graph ? tablesIn(graph, SUBGRAPH.inputs, MAX_LISTED, 'inputs') : [];
    const [output] = graph ? tablesIn(graph, SUBGRAPH.outputs, MAX_LISTED, 'outputs') : [];
    const values = input && normalization(input);
    return { ...(values ? { values } : {}), ...(output ? labelsOf(bytes, output, classes) : { warnings: [] }) };
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    return { warnings: [`nothing was read from its metadata: ${error.message}`] };
  }
}

function normalization(input: Table): ReturnType<typeof statedValues> {
  const units = tablesIn(input, TENSOR.units, MAX_LISTED, 'steps');
  const options = units.find((unit) => uint8(unit, UNIT.kind) === NORMALIZATION.kind);
  const table = options && tableIn(options, UNIT.options);
  if (table === undefined) return undefined;
  const numbers = (field: number): readonly number[] => numbersIn(table, field, 'float32', MAX_LISTED, 'channels');
  return statedValues(numbers(NORMALIZATION.mean), numbers(NORMALIZATION.std));
}

function labelsOf(bytes: Uint8Array, output: Table, classes: number): Pick<Stated, 'labels' | 'warnings'> {
  const files = tablesIn(output, TENSOR.files, MAX_LISTED, 'files');
  const file = files.find((candidate) => int8(candidate, FILE.kind) === AXIS_LABELS);
  const name = file && textIn(file, FILE.name);
  if (name === undefined) return { warnings: [] };
  const text = readZip(bytes).get(name);
  if (text === undefined) return { warnings: [`its labels ${name} are not packed behind the model`] };
  const labels = decodeUtf8(text, name).split(/\r?\n/, MAX_LABELS);
  while (labels.at(-1)?.trim() === '') labels.pop();
  return labels.length === classes
    ? { labels: labels.map((label) => label.trim()), warnings: [] }
    : { warnings: [`its ${labels.length} labels in ${name} are left out, the model has ${classes} classes`] };
}
