import { ResedgeError } from '../../src/errors.ts';
import {
  bytesIn,
  int8,
  int32,
  numbersIn,
  rootOf,
  type Table,
  tableIn,
  tablesIn,
  textIn,
  uint32,
  uint64,
} from './flatbuffer.ts';
import { operatorName } from './operator-names.ts';

/** Types of tensors by their code in the schema. */
const TYPES = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
] as const;

export type LiteType = (typeof TYPES)[number] | 'unknown';

export type LiteTensor = {
  readonly name: string;
  readonly type: LiteType;
  /** As of the pictures that the file was made with; the batch is 1 there. */
  readonly dims: readonly number[];
  /** The same with -1 for a dimension that is open. */
  readonly signature: readonly number[];
  /** A window on the file; undefined for a tensor that is computed. */
  readonly data: Uint8Array | undefined;
  /** What its integers stand for, where they stand for something. */
  readonly quantization: Table | undefined;
  readonly sparse: boolean;
};

export type LiteOperator = {
  readonly index: number;
  /** TFLite's name; `CUSTOM name` for a custom one. */
  readonly op: string;
  /** Places of tensors; -1 for one left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Table | undefined;
};

/** A TFLite model, its first subgraph. */
export type LiteModel = {
  readonly description: string;
  readonly tensors: readonly LiteTensor[];
  readonly operators: readonly LiteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly subgraphs: number;
  /** By name, such as TFLITE_METADATA. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
};

const MAX_TENSORS = 65_536;
const MAX_OPERATORS = 8192;
const MAX_CODES = 4096;
const MAX_SUBGRAPHS = 1024;
const MAX_METADATA = 256;
/** Tensors that one operator reads or makes. */
const MAX_OPERANDS = 256;
const MAX_RANK = 8;
/** Elements of one tensor: more would be no layer of a classifier. */
const MAX_DIM = 2 ** 31 - 1;

/** Numbers of the schema's fields, version 3. */
const MODEL = { codes: 1, subgraphs: 2, description: 3, buffers: 4, metadata: 6 } as const;
const CODE = { old: 0, custom: 1, code: 3 } as const;
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
const TENSOR = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  sparsity: 6,
  signature: 7,
  outside: 10,
} as const;
const OPERATOR = { code: 0, inputs: 1, outputs: 2, options: 4 } as const;
const BUFFER = { data: 0, offset: 1, size: 2 } as const;
const METADATA = { name: 0, buffer: 1 } as const;

const IDENTIFIER = 'TFL3';

/** True for a TFLite flatbuffer; never throws. */
export function looksLikeTflite(bytes: Uint8Array): boolean {
  return [...IDENTIFIER].every((character, i) => bytes[4 + i] === character.charCodeAt(0));
}

/** Reads what a file states. Throws `input`, `limit` or `unsupported` for one that is damaged or something else. */
export function readModel(bytes: Uint8Array): LiteModel {
  if (!looksLikeTflite(bytes)) {
    throw new ResedgeError(
      'input',
      'expected a TFLite model, a flatbuffer marked TFL3, received something else: download or save it again',
    );
  }
  const root = rootOf(bytes);
  const buffers = tablesIn(root, MODEL.buffers, MAX_TENSORS, 'buffers');
  const bufferAt = (place: number): Uint8Array | undefined => {
    const buffer = buffers[place];
    if (buffer === undefined) throw outside(`buffer ${place}`, `${buffers.length} buffers`);
    return bufferBytes(bytes, buffer, place);
  };
  const codes = tablesIn(root, MODEL.codes, MAX_CODES, 'kinds of operators').map(codeName);
  const subgraphs = tablesIn(root, MODEL.subgraphs, MAX_SUBGRAPHS, 'subgraphs');
  const [graph] = subgraphs;
  if (graph === undefined) throw outside('subgraph 0', 'no subgraph');
  const tensors = tablesIn(graph, SUBGRAPH.tensors, MAX_TENSORS, 'tensors').map((table, place) =>
    tensorOf(table, place, bufferAt),
  );
  const places = (table: Table, field: number, who: string): readonly number[] => {
    const found = numbersIn(table, field, 'int32', MAX_OPERANDS, `tensors of ${who}`);
    const wrong = found.find((place) => place < -1 || place >= tensors.length);
    if (wrong !== undefined) throw outside(`tensor ${wrong} of ${who}`, `${tensors.length} tensors`);
    return found;
  };
  const operators = tablesIn(graph, SUBGRAPH.operators, MAX_OPERATORS, 'operators').map(
    (table, index): LiteOperator => {
      const code = uint32(table, OPERATOR.code);
      const op = codes[code] ?? '';
      if (op === '') throw outside(`kind ${code} of operator ${index}`, `${codes.length} kinds`);
      return {
        index,
        op,
        inputs: places(table, OPERATOR.inputs, `operator ${index} (${op})`),
        outputs: places(table, OPERATOR.outputs, `operator ${index} (${op})`),
        options: tableIn(table, OPERATOR.options),
      };
    },
  );
  return {
    description: textIn(root, MODEL.description) ?? '',
    tensors,
    operators,
    inputs: places(graph, SUBGRAPH.inputs, 'the inputs'),
    outputs: places(graph, SUBGRAPH.outputs, 'the outputs'),
    subgraphs: subgraphs.length,
    metadata: metadataIn(root, bufferAt),
  };
}

/** Codes above 127 stand in a field of their own; files of before have the old one alone. */
function codeName(table: Table): string {
  const code = Math.max(int8(table, CODE.old), int32(table, CODE.code));
  const name = operatorName(code);
  return name === 'CUSTOM' ? `CUSTOM ${textIn(table, CODE.custom) ?? 'without a name'}` : name;
}

function tensorOf(table: Table, place: number, bufferAt: (place: number) => Uint8Array | undefined): LiteTensor {
  const name = textIn(table, TENSOR.name) || `number ${place}`;
  const dims = numbersIn(table, TENSOR.shape, 'int32', MAX_RANK, `dimensions of tensor ${name}`);
  const signature = numbersIn(table, TENSOR.signature, 'int32', MAX_RANK, `dimensions of tensor ${name}`);
  if (dims.some((dim) => dim < 0) || !(dims.reduce((all, dim) => all * dim, 1) <= MAX_DIM)) {
    throw new ResedgeError('input', `expected sizes of 0 or more for tensor ${name}, received [${dims.join(', ')}]`);
  }
  if (uint32(table, TENSOR.outside) !== 0) {
    throw new ResedgeError(
      'unsupported',
      `expected the weights inside the file, those of tensor ${name} lie in another one: save the model in one file`,
    );
  }
  const data = bufferAt(uint32(table, TENSOR.buffer));
  return {
    name,
    type: TYPES[int8(table, TENSOR.type)] ?? 'unknown',
    dims,
    signature: signature.length === dims.length ? signature : dims,
    data,
    quantization: tableIn(table, TENSOR.quantization),
    sparse: tableIn(table, TENSOR.sparsity) !== undefined,
  };
}

/** Empty buffers belong to tensors that are computed; those of files above 2 GB lie behind the flatbuffer. */
function bufferBytes(bytes: Uint8Array, buffer: Table, place: number): Uint8Array | undefined {
  const [offset, size] = [uint64(buffer, BUFFER.offset), uint64(buffer, BUFFER.size)];
  if (offset > 1) {
    if (size > bytes.length - offset) throw outside(`buffer ${place}`, `${bytes.length} bytes`);
    return bytes.subarray(offset, offset + size);
  }
  const data = bytesIn(buffer, BUFFER.data);
  return data?.length ? data : undefined;
}

function metadataIn(root: Table, bufferAt: (place: number) => Uint8Array | undefined): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const table of tablesIn(root, MODEL.metadata, MAX_METADATA, 'pieces of metadata')) {
    const data = bufferAt(uint32(table, METADATA.buffer));
    if (data) found.set(textIn(table, METADATA.name) ?? '', data);
  }
  return found;
}

function outside(what: string, there: string): ResedgeError {
  return new ResedgeError(
    'input',
    `expected what a TFLite model refers to inside the file, ${what} is not among its ${there}: it is damaged, download or save it again`,
  );
}
