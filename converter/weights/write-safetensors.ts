// The room compiles without the DOM library; every host of this code (Node, browsers) has this encoder.
declare const TextEncoder: new () => { readonly encode: (text: string) => Uint8Array };

/** Data begins at a multiple of this, as the format's own writer keeps it. */
const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

/** What a safetensors file is written from. */
export type WritableTensor = { readonly dims: readonly number[]; readonly data: Float32Array | BigInt64Array };

/**
 * A safetensors file of float32 and int64 tensors as consecutive chunks of its bytes, in the order of `tensors`; `metadata` stands in its
 * header. Data is not copied.
 */
export function* writeSafetensors(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: ReadonlyMap<string, string>,
): Generator<Uint8Array> {
  const entries: Record<string, unknown> = {};
  if (metadata.size > 0) entries['__metadata__'] = Object.fromEntries(metadata);
  let end = 0;
  for (const [name, { dims, data }] of tensors) {
    const begin = end;
    end += data.byteLength;
    entries[name] = { dtype: data instanceof Float32Array ? 'F32' : 'I64', shape: dims, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(entries));
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, LENGTH_BYTES);
  yield header;
  for (const { data } of tensors.values()) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
