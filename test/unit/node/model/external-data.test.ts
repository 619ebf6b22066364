import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { externalData } from '../../../../src/node/model/external-data.ts';
import { refusal } from '../../converter/weights/files.ts';
import { folderWith } from '../folder.ts';

const whole = { offset: 0, length: 4 };

test('hands out a part of a file beside the model', () => {
  const folder = folderWith({ 'm.onnx': '', 'parts/w.bin': Uint8Array.of(1, 2, 3, 4, 5) });
  const external = externalData(join(folder, 'm.onnx'));
  expect(external({ location: 'parts/w.bin', offset: 1, length: 3 })).toEqual(Uint8Array.of(2, 3, 4));
  expect(refusal(() => external({ location: 'parts/w.bin', offset: 2, length: 4 }))).toBe(
    "input: expected 4 bytes at 2 of parts/w.bin, the file has 5: it is cut short, or another model's",
  );
  expect(refusal(() => external({ location: 'parts/lost.bin', ...whole }))).toMatch(/^io: .*lost\.bin.*no such file/);
});

test.each(['../secret', '/etc/passwd', 'parts/../../secret', 'C:\\secret', '', '.', '..'])(
  "a path outside the model's folder is refused: %j",
  (location) => {
    const folder = folderWith({ secret: 'data', 'models/m.onnx': '', 'models/parts/w.bin': 'data' });
    const external = externalData(join(folder, 'models/m.onnx'));
    expect(refusal(() => external({ location, ...whole }))).toMatch(
      /^input: expected external data inside the folder of /,
    );
  },
);

test('a link that leaves the folder is refused', () => {
  const folder = folderWith({ secret: 'data', 'models/m.onnx': '' });
  symlinkSync(join(folder, 'secret'), join(folder, 'models/w.bin'));
  const external = externalData(join(folder, 'models/m.onnx'));
  expect(refusal(() => external({ location: 'w.bin', ...whole }))).toMatch(/^input: expected external data inside/);
});
