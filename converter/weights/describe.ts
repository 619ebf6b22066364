import { decodeLatin1, decodeUtf8 } from './bytes.ts';

/** Bytes of a file's beginning that are looked at; a tar header's mark ends at 262. */
const HEAD_BYTES = 4096;

type Signature = { readonly at: number; readonly mark: string; readonly what: string };

const SIGNATURES: readonly Signature[] = [
  {
    at: 0,
    mark: 'version https://git-lfs',
    what: 'a Git LFS pointer, not the weights themselves: run `git lfs pull` first',
  },
  {
    at: 0,
    mark: '\x89HDF\r\n\x1a\n',
    what: 'an HDF5 file (Keras): as a library, readKeras takes it once it is unpacked',
  },
  { at: 0, mark: 'GGUF', what: 'a GGUF language model, not a ResNet' },
  { at: 0, mark: '\x93NUMPY', what: 'a single NumPy array: a state dict is needed' },
  { at: 4, mark: 'TFL3', what: 'a TFLite model, which readTflite takes' },
  { at: 4, mark: 'ORTM', what: "a model in ONNX Runtime's own format: give the ONNX model of the same conversion" },
  { at: 257, mark: 'ustar', what: 'a tar archive: unpack it and give the weight file inside' },
  { at: 0, mark: '\x1f\x8b', what: 'a gzip archive: unpack it first' },
  { at: 0, mark: '\xfd7zXZ\0', what: 'an xz archive: unpack it first' },
  { at: 0, mark: 'BZh', what: 'a bzip2 archive: unpack it first' },
  { at: 0, mark: '\x28\xb5\x2f\xfd', what: 'a Zstandard archive: unpack it first' },
  { at: 0, mark: "7z\xbc\xaf'\x1c", what: 'a 7-Zip archive: unpack it first' },
  { at: 0, mark: '\x89PNG', what: 'a PNG picture' },
  { at: 0, mark: '\xff\xd8\xff', what: 'a JPEG picture' },
  { at: 0, mark: '%PDF', what: 'a PDF document' },
];

/** What a file that is no weight file looks like, judged from its first bytes, with the mend where there is one. */
export function looksLike(bytes: Uint8Array): string {
  const head = bytes.subarray(0, HEAD_BYTES);
  const text = decodeLatin1(head);
  const known = SIGNATURES.find(({ at, mark }) => text.startsWith(mark, at));
  if (known !== undefined) return known.what;
  if (head.every((byte) => byte === 0)) return 'nothing but zeros: the download was probably interrupted';
  if (isOnnx(head)) return 'an ONNX model, which readOnnx takes';
  if (isText(head)) return describeText(text);
  const start = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `an unknown format: ${bytes.length} bytes that begin with ${start}`;
}

function describeText(text: string): string {
  const start = text.trimStart().toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) {
    return 'an HTML page: the download probably failed';
  }
  if (start.startsWith('<?xml')) return 'an XML document: the download probably failed';
  if (/^[{[]/.test(start)) {
    return start.includes('"weight_map"')
      ? 'the JSON index of a checkpoint in several parts: give the parts joined in one file'
      : 'JSON text, not weights';
  }
  return 'a text file, not weights';
}

/** ModelProto begins with field 1 (ir_version, a small varint), then a length-delimited or varint field of a low number. */
function isOnnx(head: Uint8Array): boolean {
  const [first, version = 0, next = 0] = head;
  return first === 0x08 && version >= 1 && version <= 30 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(next);
}

function isText(head: Uint8Array): boolean {
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127)) return false;
  // A cut at the window's end may split a character: up to three bytes of one are left out.
  for (let cut = 0; cut < 4 && cut < head.length; cut++) {
    try {
      decodeUtf8(head.subarray(0, head.length - cut), 'text');
      return true;
    } catch {
      if (head.length < HEAD_BYTES) return false;
    }
  }
  return false;
}
