import { describe, expect, test } from 'vitest';
import { readWeights } from '../../../../converter/weights/index.ts';
import { golden, refusal, safetensors } from './files.ts';

const tensor = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
const FOUR = tensor('F32', '[1]', '[0,4]');

test('metadata, white space, escapes and empty tensors are accepted', () => {
  const header = ` {"__metadata__" : {"format":"pt","note":"\\"}{"} , "caf\\u00e9.weight":${FOUR},
    "empty":${tensor('F32', '[0, 9007199254740991]', '[4,4]')},"scalar":${tensor('I64', '[]', '[4,12]')}}  `;
  const { tensors } = readWeights(safetensors(header.replace(/^ /, ''), 12));
  expect([...tensors.keys()]).toEqual(['caf\u00e9.weight', 'empty', 'scalar']);
  expect(tensors.get('empty')!.read()).toEqual(new Float32Array(0));
  expect(tensors.get('scalar')!.read()).toEqual(Float32Array.of(0));
});

describe('damaged or lying headers', () => {
  test.each([
    ['a length beyond the format', safetensors('{}', 0, 0xffffffffffffffffn), /^limit: .*at most 100000000 bytes/],
    ['a length beyond the file', safetensors('{}', 0, 99_999_999n), /^input: expected 99999999 bytes .* cut short/],
    ['data cut short', safetensors(`{"a":${FOUR}}`, 3), /^input: .*ends outside the data/],
    ['data left over', safetensors(`{"a":${FOUR}}`, 5), /^input: expected 4 bytes of tensors .* received 5/],
    ['a gap', safetensors(`{"a":${tensor('F32', '[1]', '[4,8]')}}`, 8), /^input: .* leaves a gap/],
    [
      'an overlap',
      safetensors(`{"a":${FOUR},"b":${tensor('F32', '[1]', '[2,6]')}}`, 6),
      /tensor b .* overlaps another/,
    ],
    ['the same bytes twice', safetensors(`{"a":${FOUR},"b":${FOUR}}`, 4), /overlaps another/],
    [
      'offsets backwards',
      safetensors(`{"a":${tensor('F32', '[1]', '[0,4]')},"b":${tensor('F32', '[1]', '[4,0]')}}`, 4),
      /tensor b /,
    ],
    [
      'a size against its shape',
      safetensors(`{"a":${tensor('F32', '[2]', '[0,4]')}}`, 4),
      /expected 8 bytes for a \(F32 \[2\]\), received 4/,
    ],
    ['a product past 2^64', safetensors(`{"a":${tensor('U8', '[4294967296,4294967296,2]', '[0,0]')}}`), /received 0/],
    [
      'a negative dimension',
      safetensors(`{"a":${tensor('F32', '[-1]', '[0,4]')}}`, 4),
      /whole numbers .* in shape of a, received -1/,
    ],
    ['a fraction', safetensors(`{"a":${tensor('F32', '[1.5]', '[0,4]')}}`, 4), /received 1\.5/],
    ['an exponent', safetensors(`{"a":${tensor('F32', '[1e3]', '[0,4]')}}`, 4), /received 1e3/],
    [
      'a number past 2^53',
      safetensors(`{"a":${tensor('F32', '[9007199254740993]', '[0,4]')}}`, 4),
      /received 9007199254740993/,
    ],
    [
      'too many dimensions',
      safetensors(`{"a":${tensor('U8', `[${Array(17).fill(1)}]`, '[0,1]')}}`, 1),
      /^limit: .*at most 16/,
    ],
    [
      'an unknown dtype',
      safetensors(`{"a":${tensor('F8_E4M3', '[1]', '[0,1]')}}`, 1),
      /^unsupported: .*for a, received F8_E4M3/,
    ],
    [
      'a name of Object.prototype as dtype',
      safetensors(`{"a":${tensor('toString', '[1]', '[0,1]')}}`, 1),
      /^unsupported: .*toString/,
    ],
    [
      'a tensor twice',
      safetensors(`{"a":${FOUR},"\\u0061":${FOUR}}`, 4),
      /every key once in the header, received a twice/,
    ],
    ['a field twice', safetensors(`{"a":{"dtype":"F32","dtype":"F32"}}`), /every key once in a, received dtype twice/],
    ['metadata twice', safetensors('{"__metadata__":{},"__metadata__":{}}'), /received __metadata__ twice/],
    [
      'metadata that is no text',
      safetensors('{"__metadata__":{"a":{}}}'),
      /a string for __metadata__ a|" in __metadata__ a/,
    ],
    ['a field missing', safetensors('{"a":{"dtype":"F32"}}'), /dtype, shape and two data_offsets in a/],
    ['three offsets', safetensors(`{"a":${tensor('F32', '[1]', '[0,4,4]')}}`, 4), /two data_offsets/],
    ['an unknown field', safetensors('{"a":{"size":1}}'), /received size/],
    ['an array for the header', safetensors('{"a":[]}'), /\{ in a/],
    ['text after the header', safetensors(`{"a":${FOUR}} x`, 4), /nothing after the closing brace/],
    ['an open string', safetensors('{"a'), /a string for a key/],
    ['no end', safetensors('{"a":{'), /received the end/],
    ['bytes that are no UTF-8', safetensors('{"\xff":1}'), /expected UTF-8 text in the safetensors header/],
    ['a very long name', safetensors(`{"${'n'.repeat(1025)}":${FOUR}}`, 4), /^limit: .*names of at most 1024/],
    ['nested deeply', safetensors(`{"a":${'['.repeat(1_000_000)}`), /^input: .*\{ in a/],
  ])('%s', (_, bytes, message) => {
    expect(refusal(() => readWeights(bytes))).toMatch(message);
  });

  test('every cut of a real file is refused', () => {
    const bytes = golden('resnet18.fp16.safetensors');
    for (let length = 0; length < bytes.length; length += length < 64 ? 1 : 4099) {
      expect(refusal(() => readWeights(bytes.subarray(0, length)))).toMatch(/^(input|limit): /);
    }
  });

  test('more tensors than the limit', () => {
    const many = Array.from({ length: 65_537 }, (_, i) => `"${i}":${tensor('U8', '[0]', '[0,0]')}`).join(',');
    expect(refusal(() => readWeights(safetensors(`{${many}}`)))).toMatch(/^limit: expected at most 65536 tensors/);
  });
});
