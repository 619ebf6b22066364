import { tensorBytes } from '../../src/tensor/tensor.ts';

// The room compiles without the DOM library; every host of this code (Node, browsers) has this encoder.
declare const TextEncoder: new () => { readonly encode: (text: string) => Uint8Array };

/** Data begins at a multiple of this, as the format's own writer keeps it. */
const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

/**
 * A safetensors file of float32 tensors as consecutive chunks of its bytes, in the order of `tensors`; `metadata` stands in its header. Data
 * is not copied.
 */
export function* writeSafetensors(
  tensors: ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>,
  metadata: ReadonlyMap<string, string>,
): Generator<Uint8Array> {
  const entries: Record<string, unknown> = {};
  if (metadata.size > 0) entries['__metadata__'] = Object.fromEntries(metadata);
  let end = 0;
  for (const [name, { dims, data }] of tensors) {
    const begin = end;
    end += data.byteLength;
    entries[name] = { dtype: 'F32', shape: dims, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(entries));
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, LENGTH_BYTES);
  yield header;
  for (const { dims, data } of tensors.values()) yield tensorBytes({ dtype: 'float32', dims, data });
}
