import { describe, expect, test } from 'vitest';
import { unpickle } from '../../../../converter/weights/unpickle.ts';
import { ascii, concat, refusal } from './files.ts';

const START = '\x80\x02';
const DICT = 'ccollections\nOrderedDict\n';
const FLOAT = '\x80\x02ctorch\nFloatStorage\nq\x01';

function refused(pickle: string | Uint8Array): string {
  return refusal(() => unpickle(typeof pickle === 'string' ? ascii(START + pickle) : pickle));
}

describe('bombs end at a named limit', () => {
  test.each([
    ['lists in lists', ']'.repeat(3_000_000), /^limit: expected at most 65536 values on the stack/],
    ['marks in marks', '('.repeat(3_000_000), /^limit: expected at most 65536 open marks/],
    ['dicts kept alive', `]${'}a'.repeat(400_000)}`, /^limit: expected at most 262144 tuples, lists, dicts/],
    ['bytes kept alive', `]${'C\x00a'.repeat(400_000)}`, /^limit: expected at most 262144 tuples/],
    ['steps without an end', '(1'.repeat(1_500_000), /^limit: .*at most 33554432 bytes and 2097152 steps/],
    [
      'memo filled',
      `N${Array.from({ length: 262_145 }, (_, i) => `r${word(i)}`).join('')}`,
      /^limit: expected at most 262144 remembered/,
    ],
    ['an integer of 2 GB', '\x8b\xff\xff\xff\x7f', /^limit: expected at most 256 bytes of an integer/],
    ['a text of 4 GB', 'X\xff\xff\xff\xff', /^limit: expected at most 1048576 bytes of text/],
    ['a text of 2^63 bytes', '\x8d\0\0\0\0\0\0\0\x80', /^limit: .*bytes of text/],
    ['bytes of 4 GB', 'B\xff\xff\xff\xff', /^input: expected 4294967295 bytes for a pickle/],
    ['a name without end', `c${'x'.repeat(10_000)}`, /^input: .*a name of at most 256 bytes/],
  ])('%s', (_, pickle, message) => {
    expect(refused(pickle)).toMatch(message);
  });

  test('a tuple doubled forty times over costs forty tuples', () => {
    const { value } = unpickle(ascii(`${START})q\x00${'h\x00\x86q\x00'.replace('h', '0h\x00h').repeat(40)}.`));
    expect(value).toMatchObject({ kind: 'tuple' });
  });

  test('a dict made of one list of pairs over and over is charged for each copy', () => {
    const pairs = `](${'K\x01K\x02\x86'.repeat(20_000)}eq\x00`;
    expect(refused(`${pairs}${`${DICT}h\x00\x85R`.repeat(50)}`)).toMatch(/^limit: expected at most 262144 tuples/);
  });

  test('a dict that contains itself is read once', () => {
    const { value } = unpickle(ascii(`${START}}q\x00X\x05\0\0\0modelh\x00s.`));
    expect(value).toMatchObject({ kind: 'dict' });
  });

  test('a pickle longer than the limit', () => {
    const half = concat(ascii('B\0\0\0\x01'), new Uint8Array(0x1000000), ascii('0'));
    const longer = concat(ascii(START), half, half, ascii('N.'));
    expect(refused(longer)).toMatch(/^limit: expected a pickle of at most 33554432 bytes/);
  });

  test('more tensors than the limit', () => {
    const storage = `(X\x07\0\0\0storage${FLOAT.slice(2)}X\x01\0\0\x000X\x03\0\0\0cpuK\x01tQ`;
    const parts = `ctorch._utils\n_rebuild_tensor\nq\x02(${storage}K\x00))tq\x03`;
    expect(refused(`${parts}${'h\x02h\x03R0'.repeat(16_385)}`)).toMatch(/^limit: expected at most 16384 tensors/);
  });
});

describe('damaged pickles', () => {
  test.each([
    ['an empty stack', '.', /one value at the end/],
    ['two values left', 'NN.', /one value at the end/],
    ['no end', 'N', /cut short/],
    ['a value from below a mark', 'N(0', /a value on the stack/],
    ['a tuple across a mark', 'N(\x85', /1 values on the stack/],
    ['no mark to close', 'Nt', /an open mark/],
    ['nothing remembered', 'h\x07', /a value remembered as 7/],
    ['nothing to remember', 'q\x07', /a value to remember/],
    ['a call of data', 'K\x01)R', /a global to call, received number/],
    ['a call without a tuple', `${DICT}K\x01R`, /a tuple of arguments/],
    ['a call of a type', `${FLOAT.slice(2)})R`, /a function, received the type torch\.FloatStorage/],
    ['items for a list', '](K\x01K\x02u', /a dict to set items of/],
    ['an odd number of items', '}(K\x01u', /keys and values in pairs/],
    ['an item for a dict', '}K\x01a', /a list to append to/],
    ['attributes of a global', `${DICT}}b`, /to set attributes of, received a global/],
    ['an id that is no tuple', 'K\x01Q', /a tuple as persistent id/],
    ['an id of something else', '(X\x06\0\0\0moduleccollections\nOrderedDict\nX\x01\0\0\0aNNtQ', /names a storage/],
    ['a protocol to come', '\x80\x06', /^unsupported: .*protocol 5 or lower, received 6/],
    [
      'a negative size',
      `(X\x07\0\0\0storage${FLOAT.slice(2)}X\x01\0\0\x000X\x03\0\0\0cpuJ\xff\xff\xff\xfftQ`,
      /whole number .* received -1/,
    ],
    ['text that is no UTF-8', 'X\x01\0\0\0\xff', /UTF-8/],
  ])('%s', (_, pickle, message) => {
    expect(refused(pickle)).toMatch(message);
  });
});

function word(value: number): string {
  return String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
}
