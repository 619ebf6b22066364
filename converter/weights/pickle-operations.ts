import { ResedgeError } from '../../src/errors.ts';
import { quote } from './bytes.ts';
import { allowGlobal, callGlobal, openStorage } from './pickle-globals.ts';
import {
  binary,
  byteText,
  expectLimit,
  integer,
  line,
  MAX_MEMO,
  MAX_TENSORS,
  type Machine,
  make,
  mark,
  pop,
  popMany,
  popMark,
  push,
  size8,
  size32,
  size64,
  take,
  text,
  top,
} from './pickle-machine.ts';
import { expectKind, kindOf, malformed, type PickleDict, type PickleValue } from './pickle-values.ts';

const LAST_PROTOCOL = 5;

type Operation = (m: Machine) => void;

/** What each step does, by its code; names as in Python's pickletools. */
export const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, protocol],
  [0x95, (m) => void take(m, 8)], // FRAME: its length only helps a reader of streams
  [0x28, mark],
  [0x30, (m) => void pop(m)],
  [0x31, (m) => void popMark(m)],
  [0x4e, (m) => push(m, null)],
  [0x88, (m) => push(m, true)],
  [0x89, (m) => push(m, false)],
  [0x4a, (m) => push(m, m.view.getInt32(take(m, 4), true))],
  [0x4b, (m) => push(m, m.view.getUint8(take(m, 1)))],
  [0x4d, (m) => push(m, m.view.getUint16(take(m, 2), true))],
  [0x47, (m) => push(m, m.view.getFloat64(take(m, 8), false))],
  [0x8a, (m) => push(m, integer(m, size8(m)))],
  [0x8b, (m) => push(m, integer(m, size32(m)))],
  [0x58, (m) => push(m, text(m, size32(m)))],
  [0x8c, (m) => push(m, text(m, size8(m)))],
  [0x8d, (m) => push(m, text(m, size64(m)))],
  [0x54, (m) => push(m, byteText(m, size32(m)))],
  [0x55, (m) => push(m, byteText(m, size8(m)))],
  [0x42, (m) => make(m, binary(m, size32(m)))],
  [0x43, (m) => make(m, binary(m, size8(m)))],
  [0x8e, (m) => make(m, binary(m, size64(m)))],
  [0x7d, (m) => make(m, { kind: 'dict', entries: new Map() })],
  [0x5d, (m) => make(m, { kind: 'list', items: [] })],
  [0x29, (m) => make(m, { kind: 'tuple', items: [] })],
  [0x8f, (m) => make(m, { kind: 'list', items: [] })], // EMPTY_SET
  [0x74, (m) => make(m, { kind: 'tuple', items: popMark(m) })],
  [0x85, (m) => make(m, { kind: 'tuple', items: popMany(m, 1) })],
  [0x86, (m) => make(m, { kind: 'tuple', items: popMany(m, 2) })],
  [0x87, (m) => make(m, { kind: 'tuple', items: popMany(m, 3) })],
  [0x61, (m) => append(m, popMany(m, 1))],
  [0x65, (m) => append(m, popMark(m))],
  [0x90, (m) => append(m, popMark(m))],
  [0x73, (m) => setItems(m, popMany(m, 2))],
  [0x75, (m) => setItems(m, popMark(m))],
  [0x68, (m) => recall(m, size8(m))],
  [0x6a, (m) => recall(m, size32(m))],
  [0x71, (m) => remember(m, size8(m))],
  [0x72, (m) => remember(m, size32(m))],
  [0x94, (m) => remember(m, m.memo.size)],
  [0x63, (m) => push(m, allowGlobal(line(m), line(m)))],
  [0x69, (m) => push(m, allowGlobal(line(m), line(m)))], // INST: names a class, and no class is allowed
  [0x93, stackGlobal],
  [0x52, reduce],
  [0x62, build],
  [0x51, persistentId],
]);

function protocol(m: Machine): void {
  const version = size8(m);
  if (version > LAST_PROTOCOL) {
    throw new ResedgeError(
      'unsupported',
      `expected pickle protocol ${LAST_PROTOCOL} or lower, received ${version}: save with torch.save's default protocol`,
    );
  }
}

function append(m: Machine, items: readonly PickleValue[]): void {
  const list = expectKind(top(m), ['list'], 'to append to');
  for (const item of items) list.items.push(item);
}

function setItems(m: Machine, items: readonly PickleValue[]): void {
  const dict: PickleDict = expectKind(top(m), ['dict'], 'to set items of');
  if (items.length % 2 !== 0) throw malformed('keys and values in pairs');
  for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i]!, items[i + 1]!);
}

function remember(m: Machine, index: number): void {
  const value = top(m);
  if (value === undefined) throw malformed(`a value to remember at byte ${m.at - 1}`);
  m.memo.set(index, value);
  expectLimit(m.memo.size, MAX_MEMO, 'remembered values');
}

function recall(m: Machine, index: number): void {
  const value = m.memo.get(index);
  if (value === undefined) throw malformed(`a value remembered as ${index}, received none`);
  push(m, value);
}

function stackGlobal(m: Machine): void {
  const name = pop(m);
  const module = pop(m);
  if (typeof name !== 'string' || typeof module !== 'string') {
    throw malformed(`a module and a name, received ${kindOf(module)} and ${kindOf(name)}`);
  }
  push(m, allowGlobal(module, name));
}

function reduce(m: Machine): void {
  const args = expectKind(pop(m), ['tuple'], 'of arguments').items;
  const called = expectKind(pop(m), ['global'], 'to call');
  const [first] = args;
  const pairs = typeof first === 'object' && first !== null && 'items' in first ? first.items.length : 0;
  const result = callGlobal(called, args);
  if (kindOf(result) === 'a tensor') {
    m.tensors++;
    expectLimit(m.tensors, MAX_TENSORS, 'tensors');
  }
  make(m, result, 1 + pairs);
}

/** Attributes set on an object (a state dict's `_metadata`, a NumPy dtype's state): no tensor is among them. */
function build(m: Machine): void {
  pop(m);
  expectKind(top(m), ['dict', 'opaque'], 'to set attributes of');
}

function persistentId(m: Machine): void {
  const storage = openStorage(pop(m));
  const known = m.storages.get(storage.key) ?? storage;
  if (known.type !== storage.type || known.rootCount !== storage.rootCount) {
    throw malformed(`storage ${quote(storage.key)} to be of one type and size`);
  }
  m.storages.set(storage.key, storage);
  make(m, storage);
}
