import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isNumbered, numberedLabels, readLabels } from '../../../../src/node/model/labels.ts';
import { folderWith } from '../folder.ts';

const ids = ['n00000001', 'n00000002'];

/** What is read from a file with this text. */
const read = (text: string, classes = 2): unknown => readLabels(join(folderWith({ labels: text }), 'labels'), classes);

describe('labels of two classes', () => {
  test.each<readonly [string, string, readonly string[] | undefined]>([
    ['lines', 'tabby cat\ndog', undefined],
    ['lines of Windows, with an end and blanks', ' tabby cat \r\ndog\r\n\r\n', undefined],
    ['WordNet ids before names', 'n00000001 tabby cat\nn00000002\tdog', ids],
    ['WordNet ids and commas', 'n00000001,tabby cat\nn00000002, dog', ids],
    ['a JSON array', '["tabby cat", "dog"]', undefined],
    ['a JSON object, in any order', ' {"1": "dog", "0": "tabby cat"}', undefined],
    ['WordNet ids in JSON', '{"0": ["n00000001", "tabby cat"], "1": ["n00000002", "dog"]}', ids],
    ['an id that only one has', 'n00000001 tabby cat\ndog', undefined],
  ])('as %s', (_, text, labelIds) => {
    expect(read(text)).toEqual({ labels: ['tabby cat', 'dog'], ...(labelIds ? { labelIds } : {}) });
  });

  test('as WordNet ids alone', () => {
    expect(read(ids.join('\n'))).toEqual({ labels: ids, labelIds: ids });
  });
});

describe('what is refused, in one line that names the file:', () => {
  test.each<readonly [string, string, RegExp]>([
    ['too few', 'cat', /labels: expected 2 labels, one for each class, found 1$/],
    ['too many', '["a", "b", "c"]', /expected 2 labels, one for each class, found 3$/],
    ['none', '', /found 0$/],
    ['damaged JSON', '["cat",', /labels: expected a JSON array of names.*it is not JSON/],
    ['numbers', '[1, 2]', /found 1$/],
    ['an object with a gap', '{"0": "cat", "2": "dog"}', /found no index 1$/],
    ['three words for one class', '[["n00000001", "cat", "tom"], "dog"]', /found \["n00000001","cat","tom"\]$/],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'input' }));
  });
});

test('numbered labels say no more than their index', () => {
  const { labels } = numberedLabels(3);
  expect(labels).toEqual(['class 0', 'class 1', 'class 2']);
  expect(isNumbered(labels)).toBe(true);
  expect(isNumbered(['class 1', 'class 0'])).toBe(false);
});
