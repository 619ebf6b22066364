import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeAt } from '../../../../src/node/device/tree.ts';
import { findMeter, watchEnergy } from '../../../../src/node/tune/energy.ts';
import { folderWith } from '../folder.ts';

const RAPL = 'sys/class/powercap';
const INA = 'sys/bus/i2c/devices/1-0040/hwmon/hwmon1';

describe('the energy that a board tells', () => {
  it('is what the counters of all packages rose by, also past their end', () => {
    const root = folderWith({
      [`${RAPL}/intel-rapl:0/name`]: 'package-0\n',
      [`${RAPL}/intel-rapl:0/energy_uj`]: '9000000\n',
      [`${RAPL}/intel-rapl:0/max_energy_range_uj`]: '10000000\n',
      [`${RAPL}/intel-rapl:0:0/name`]: 'core\n',
      [`${RAPL}/intel-rapl:0:0/energy_uj`]: '5\n',
      [`${RAPL}/intel-rapl:1/name`]: 'package-1\n',
      [`${RAPL}/intel-rapl:1/energy_uj`]: '1000000\n',
      [`${RAPL}/intel-rapl:1/max_energy_range_uj`]: '10000000\n',
    });
    const meter = findMeter(treeAt(root));
    expect(meter).toMatchObject({ kind: 'counter', name: 'processor package (RAPL)' });
    if (meter === undefined) return;
    const [first, second] = [watchEnergy(meter), watchEnergy(meter)];
    writeFileSync(join(root, RAPL, 'intel-rapl:1/energy_uj'), '3500000\n');
    expect(first.end()).toBeCloseTo(2.5);
    writeFileSync(join(root, RAPL, 'intel-rapl:0/energy_uj'), '500000\n');
    expect(second.end()).toBeCloseTo(4);
  });

  it("is the mean power of a Jetson's whole board times the time", () => {
    const root = folderWith({
      [`${INA}/name`]: 'ina3221\n',
      [`${INA}/in1_label`]: 'VDD_CPU_CV\n',
      [`${INA}/in2_label`]: 'VDD_IN\n',
      [`${INA}/in2_input`]: '5000\n',
      [`${INA}/curr2_input`]: '1000\n',
    });
    const meter = findMeter(treeAt(root));
    expect(meter).toMatchObject({ kind: 'power', name: 'VDD_IN (INA3221)' });
    let now = 0;
    const watch = meter && watchEnergy(meter, () => now);
    now = 2000;
    writeFileSync(join(root, INA, 'curr2_input'), '3000\n');
    expect(watch?.end()).toBeCloseTo(((5 + 15) / 2) * 2);
  });

  it('is not told by a board without a meter, with one that may not be read, or with one for parts of it', () => {
    expect(findMeter(treeAt(folderWith()))).toBeUndefined();
    const closed = folderWith({ [`${RAPL}/intel-rapl:0/name`]: 'package-0\n' });
    expect(findMeter(treeAt(closed))).toBeUndefined();
    const ofParts = folderWith({
      [`${INA}/in1_label`]: 'VDD_GPU_SOC\n',
      [`${INA}/in1_input`]: '5000\n',
      [`${INA}/curr1_input`]: '1000\n',
      [`${INA}/in3_label`]: 'VIN_SYS_5V0\n',
      [`${INA}/in3_input`]: '5000\n',
      [`${INA}/curr3_input`]: '1000\n',
    });
    expect(findMeter(treeAt(ofParts))).toBeUndefined();
  });
});
