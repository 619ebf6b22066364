import { expect, test } from 'vitest';
import { readTemperature } from '../../../../src/node/device/temperature.ts';
import { treeAt } from '../../../../src/node/device/tree.ts';
import { folderWith } from '../folder.ts';

test('the hottest zone counts; what is no temperature does not', () => {
  const folder = folderWith({
    'sys/class/thermal/thermal_zone0/temp': '48312\n',
    'sys/class/thermal/thermal_zone1/temp': '51000\n',
    'sys/class/thermal/thermal_zone2/temp': '-274000\n',
    'sys/class/thermal/thermal_zone3/temp': '\n',
    'sys/class/thermal/thermal_zone4/type': 'cpu',
    'sys/class/thermal/cooling_device0/temp': '99000',
  });
  expect(readTemperature(treeAt(folder))).toBe(51);
});

test('a machine without zones tells nothing', () => {
  expect(readTemperature(treeAt(folderWith()))).toBeUndefined();
  expect(readTemperature(treeAt('/nowhere'))).toBeUndefined();
});
