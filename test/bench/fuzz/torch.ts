import type { StoredTensor } from '../../../converter/weights/types.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import { writeZip } from './zip.ts';

/** A state dict of float32 tensors as torch.save writes it: a pickle of protocol 2 in an archive, and one entry for each storage. */
export function torchFile(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array {
  const named = [...tensors];
  const pickled = named.flatMap(([name, { dims }], i) => [text(name), tensor(`${i}`, dims)]);
  const start = '\x80\x02ccollections\nOrderedDict\n)R(';
  const storages = named.map(([, { read }], i) => {
    const data = read();
    return [`archive/data/${i}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] as const;
  });
  return writeZip([
    ['archive/data.pkl', latin(`${start}${pickled.join('')}u.`)],
    ['archive/byteorder', latin('little')],
    ...storages,
    ['archive/version', latin('3\n')],
  ]);
}

/** `torch._utils._rebuild_tensor_v2(storage, 0, dims, strides, False, OrderedDict())`. */
function tensor(key: string, dims: readonly number[]): string {
  const strides = dims.map((_, axis) => elementCount(dims.slice(axis + 1)));
  const storage = `(${text('storage')}ctorch\nFloatStorage\n${text(key)}${text('cpu')}${whole(elementCount(dims))}tQ`;
  const hooks = 'ccollections\nOrderedDict\n)R';
  return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\x00${tuple(dims)}${tuple(strides)}\x89${hooks}tR`;
}

const tuple = (values: readonly number[]): string => `(${values.map(whole).join('')}t`;
const text = (value: string): string => `X${word(value.length)}${value}`;
const whole = (value: number): string => `J${word(value)}`;

function word(value: number): string {
  return String.fromCharCode(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff);
}

function latin(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'latin1'));
}
