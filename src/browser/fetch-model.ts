import { ResedgeError } from '../errors.ts';
import { looksLikeOnnx } from '../onnx/recognise.ts';
import { oneLine } from '../runtime/explain.ts';

/** A model as an address, as a file that the user chose, or as its bytes. */
export type ModelInput = string | URL | Blob | Uint8Array | ArrayBuffer;

/** A model's bytes, and what to call it in a message. */
export type NamedBytes = { readonly name: string; readonly bytes: Uint8Array };

/** Largest model: WASM's memory ends at 4 GiB and holds it twice while it opens. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;

/**
 * Gets a model's bytes; given bytes are not copied. Throws one line that names the source: `io` where the network or the server
 * refuses, `limit` where it is too large, `input` where something else than a model comes.
 */
export async function fetchModel(source: ModelInput): Promise<NamedBytes> {
  const model = await read(source);
  if (looksLikeOnnx(model.bytes)) return model;
  throw new ResedgeError(
    'input',
    `${model.name}: expected an ONNX model, ${isHtml(model.bytes) ? 'an HTML page came, perhaps in place of a missing file: check the address' : 'it is something else: convert its weights with resedge'}`,
  );
}

async function read(source: ModelInput): Promise<NamedBytes> {
  if (source instanceof Uint8Array) return { name: `model of ${source.length} bytes`, bytes: source };
  if (source instanceof ArrayBuffer) return read(new Uint8Array(source));
  if (!(source instanceof Blob)) return await download(`${source}`);
  const name = source instanceof File ? source.name : `model of ${source.size} bytes`;
  expectFits(name, source.size);
  return { name, bytes: await whole(name, source) };
}

async function download(name: string): Promise<NamedBytes> {
  let response: Response;
  try {
    response = await fetch(name);
  } catch (cause) {
    const said = oneLine(cause);
    throw new ResedgeError(
      'io',
      `${name}: expected a model, the request failed (${said}): check the address, the network, and that its server lets this page read it (CORS)`,
      { cause },
    );
  }
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new ResedgeError('io', `${name}: expected a model, the server answered ${status}: check the address`);
  }
  expectFits(name, Number(response.headers.get('content-length') ?? 0));
  return { name, bytes: await whole(name, response) };
}

/** A body read to its end. Throws `io` if it breaks off. */
async function whole(name: string, body: Blob | Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await body.arrayBuffer());
  } catch (cause) {
    throw new ResedgeError(
      'io',
      `${name}: expected a whole model, reading it broke off (${oneLine(cause)}): try again`,
      {
        cause,
      },
    );
  }
}

function expectFits(name: string, bytes: number): void {
  if (bytes > MAX_MODEL_BYTES)
    throw new ResedgeError('limit', `${name}: expected a model of at most ${MAX_MODEL_BYTES} bytes, it has ${bytes}`);
}

function isHtml(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 256));
  return /^\s*<(!doctype html|html|head|body|!--)/i.test(start.replace(/^\ufeff/, ''));
}
