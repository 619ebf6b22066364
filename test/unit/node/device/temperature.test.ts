import { expect, test } from 'vitest';
import { readTemperature } from '../../../../src/node/device/temperature.ts';
import { folderWith } from '../folder.ts';

test('the hottest zone counts; what is no temperature does not', () => {
  const folder = folderWith({
    'thermal_zone0/temp': '48312\n',
    'thermal_zone1/temp': '51000\n',
    'thermal_zone2/temp': '-274000\n',
    'thermal_zone3/temp': '\n',
    'thermal_zone4/type': 'cpu',
    'cooling_device0/temp': '99000',
  });
  expect(readTemperature(folder)).toBe(51);
});

test('a machine without zones tells nothing', () => {
  expect(readTemperature(folderWith())).toBeUndefined();
  expect(readTemperature('/nowhere')).toBeUndefined();
});
