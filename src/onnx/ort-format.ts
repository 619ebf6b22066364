import { getTextEncoding } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';

/** Most entries of metadata taken; a model has about ten. */
const MAX_ENTRIES = 1024;
/** FlatBuffers' file identifier, behind the offset of the root. */
const MARK = [0x4f, 0x52, 0x54, 0x4d] as const;

/** Places of fields in ONNX Runtime's schema (onnxruntime/core/flatbuffers/schema/ort.fbs). */
const FIELD = { sessionModel: 1, modelMetadata: 9, entryKey: 0, entryValue: 1 } as const;

/** True for a file in ONNX Runtime's own format. */
export function looksLikeOrt(bytes: Uint8Array): boolean {
  return MARK.every((byte, i) => bytes[4 + i] === byte);
}

/** Throws `input` for a model in ONNX Runtime's format, whose layers are fused, where the ONNX model is wanted. */
export function expectNotOrt(name: string, bytes: Uint8Array): void {
  if (!looksLikeOrt(bytes)) return;
  throw new ResedgeError(
    'input',
    `${name}: expected an ONNX model, found one in ONNX Runtime's format: give the ONNX model of the same conversion`,
  );
}

/** Throws `input` for a model in ONNX Runtime's format under another ending than `.ort`, by which the runtime tells it. */
export function expectNamedOrt(path: string, bytes: Uint8Array): void {
  if (!looksLikeOrt(bytes) || path.endsWith('.ort')) return;
  throw new ResedgeError(
    'input',
    `${path}: expected an ONNX model, found one in ONNX Runtime's format: give it a name that ends with .ort`,
  );
}

/** The metadata of a file in ONNX Runtime's format, which keeps an ONNX model's. Throws `input` for damaged bytes. */
export function readOrtMetadata(bytes: Uint8Array): ReadonlyMap<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const metadata = new Map<string, string>();
  try {
    const model = follow(view, fieldOf(view, follow(view, 0), FIELD.sessionModel));
    const entries = fieldOf(view, model, FIELD.modelMetadata);
    if (entries === undefined) return metadata;
    const list = follow(view, entries);
    const count = view.getUint32(list, true);
    if (count > MAX_ENTRIES) throw new RangeError(`${count} entries`);
    for (let i = 0; i < count; i++) {
      const entry = follow(view, list + 4 + 4 * i);
      const [key, value] = [FIELD.entryKey, FIELD.entryValue].map((field) => textOf(view, fieldOf(view, entry, field)));
      metadata.set(key ?? '', value ?? '');
    }
    return metadata;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ResedgeError(
      'input',
      'expected a model in ONNX Runtime format, found damaged bytes: make or copy it again',
      { cause: error },
    );
  }
}

/** Where the offset stored at `place` points to. */
function follow(view: DataView, place: number | undefined): number {
  if (place === undefined) throw new RangeError('a field is missing');
  return place + view.getUint32(place, true);
}

/** Where a table's field stands; undefined where the table leaves it out. */
function fieldOf(view: DataView, table: number, field: number): number | undefined {
  const fields = table - view.getInt32(table, true);
  const at = 4 + 2 * field;
  const offset = at < view.getUint16(fields, true) ? view.getUint16(fields + at, true) : 0;
  return offset === 0 ? undefined : table + offset;
}

function textOf(view: DataView, place: number | undefined): string {
  if (place === undefined) return '';
  const at = follow(view, place);
  const length = view.getUint32(at, true);
  const text = new Uint8Array(view.buffer, view.byteOffset + at + 4, length);
  if (at + 4 + length > view.byteLength) throw new RangeError('a text ends outside');
  return getTextEncoding().decodeUtf8(text);
}
