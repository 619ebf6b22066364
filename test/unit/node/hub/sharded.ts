import { readSafetensors } from '../../../../converter/weights/safetensors.ts';
import { safetensorsOf } from '../../converter/networks.ts';

/** A safetensors file of float32 tensors spread over so many, as transformers saves them, with their index. */
export function sharded(file: Uint8Array, count: number): Readonly<Record<string, Uint8Array>> {
  const tensors = [...readSafetensors(file).tensors];
  const name = (i: number): string => `model-0000${i + 1}-of-0000${count}.safetensors`;
  const parts = Array.from({ length: count }, (_, i) => {
    const own = tensors.filter((_, at) => at % count === i);
    return [
      name(i),
      safetensorsOf(new Map(own.map(([key, { dims, read }]) => [key, { dims, data: read() }]))),
    ] as const;
  });
  const weight_map = Object.fromEntries(tensors.map(([key], at) => [key, name(at % count)]));
  const index = JSON.stringify({ metadata: { total_size: 1 }, weight_map });
  return { 'model.safetensors.index.json': new TextEncoder().encode(index), ...Object.fromEntries(parts) };
}
