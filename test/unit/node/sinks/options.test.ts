import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/node/sinks/address.ts';
import { readHeaders } from '../../../../src/node/sinks/headers.ts';
import { splitCommand } from '../../../../src/node/sinks/split-command.ts';
import { parseTopic } from '../../../../src/node/sinks/topic.ts';
import { folderWith } from '../folder.ts';
import { event } from './events.ts';

describe('an address', () => {
  test('shows neither user, password, path nor query', () => {
    const { shown, url } = parseAddress('mqtts://us3r:s3cret@broker.example:8884/p4th?k3y', '--mqtt', [
      'mqtt',
      'mqtts',
    ]);
    expect([shown, url.password]).toEqual(['mqtts://broker.example:8884', 's3cret']);
  });

  test.each([
    's3cret',
    'http://s3cret@host',
    'mqtt://:s3cret',
    'mqtt:s3cret',
    'mqtt://user:s3cret@',
    'mqtt://user:s3cret%@host',
    '',
  ])('%s is refused unseen', (text) => {
    const parse = () => parseAddress(text, '--mqtt', ['mqtt', 'mqtts']);
    expect(parse).toThrow(/^--mqtt: expected an address such as mqtt:\/\/host or mqtts:\/\/host \(/);
    expect(parse).not.toThrow(/s3cret/);
  });
});

describe('headers', () => {
  test('from the line or from a file', () => {
    const path = join(folderWith({ headers: 'Authorization: Bearer s3cret\r\n\r\nX-Room: a: b\n' }), 'headers');
    expect([...readHeaders('X-Token:  s3cret ')]).toEqual([['x-token', 's3cret']]);
    expect([...readHeaders(`@${path}`)]).toEqual([
      ['authorization', 'Bearer s3cret'],
      ['x-room', 'a: b'],
    ]);
    expect([...readHeaders(undefined)]).toEqual([]);
  });

  test.each(['s3cret', ': s3cret', 'na me: s3cret', 'name: s3cret\nother: x'])('%j is refused unseen', (line) => {
    expect(() => readHeaders(line)).toThrow(/^--header: expected "Name: value"/);
    expect(() => readHeaders(line)).not.toThrow(/s3cret/);
  });

  test('from a file that is not there', () => {
    expect(() => readHeaders('@gone')).toThrow(/gone: expected lines of "Name: value", no such file/);
  });
});

describe('a topic', () => {
  test.each([
    ['resedge/{host}/{kind}', 'resedge/pi_1/entered', 'resedge/pi_1/status'],
    ['door/{label}/{kind}', 'door/a_b_c_/entered', 'door/status'],
    ['door/x-{label}', 'door/x-a_b_c_', 'door/status'],
    ['door', 'door', 'door/status'],
    ['{label}', 'a_b_c_', 'status'],
  ])('%s', (template, topic, status) => {
    const parsed = parseTopic(template, 'pi/1');
    expect([parsed.of(event(1, 'a/b#c+')), parsed.status]).toEqual([topic, status]);
  });

  test('keeps names with $ and {} as they are', () => {
    expect(parseTopic('{host}/{label}', '$&').of(event(1, '$1{kind}'))).toBe('$&/$1{kind}');
  });

  test.each([
    ['', /neither is empty/],
    ['$SYS/x', /starts with \$/],
    ['a/+/b', /without \+ or #/],
    ['a/#', /without \+ or #/],
    ['a/{lable}', /\{lable\} is none of/],
    ['a/{label', /\{label is none of/],
    ['resedge/'.repeat(5000), /too long/],
  ])('%j is refused', (template, says) => {
    expect(() => parseTopic(template, 'pi')).toThrow(says);
  });
});

describe('a command', () => {
  test.each([
    ['bell', ['bell']],
    ['  bell   --loud ', ['bell', '--loud']],
    [`say "it's a" 'b "c"' d""e ''`, ['say', `it's a`, 'b "c"', 'de', '']],
    ['echo $HOME; rm *.x | y\\z', ['echo', '$HOME;', 'rm', '*.x', '|', 'y\\z']],
  ])('%s', (line, expected) => {
    expect(splitCommand(line)).toEqual(expected);
  });

  test('any words, quoted, come back', () => {
    const word = fc.string().filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(fc.tuple(word, fc.array(word)), ([program, args]) => {
        fc.pre(program !== '');
        const words = [program, ...args];
        expect(splitCommand(words.map((text) => `'${text}'`).join(' '))).toEqual(words);
      }),
    );
  });

  test.each([
    ['', /empty line/],
    ['  ', /empty line/],
    [`'' x`, /empty line/],
    ['say "x', /quote " is not closed/],
    [`it's`, /quote ' is not closed/],
  ])('%j is refused', (line, says) => {
    expect(() => splitCommand(line)).toThrow(says);
  });
});
