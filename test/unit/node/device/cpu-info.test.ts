import { describe, expect, it } from 'vitest';
import { parseCpuInfo, parseDeviceTreeStrings } from '../../../../src/node/device/cpu-info.ts';

const armCore = (part: string, features: string): string => `processor\t: 0
BogoMIPS\t: 108.00
Features\t: ${features}
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: ${part}
CPU revision\t: 3

`;
describe('parseCpuInfo', () => {
  const little = armCore('0xd05', 'fp asimd asimddp');
  const big = armCore('0xd0b', 'fp asimd asimddp i8mm');

  it.each([
    { text: '', cpu: { model: 'unknown', features: [], cores: 0, performanceCores: 0 } },
    {
      text: armCore('0xfff', 'fp'),
      cpu: { model: 'Arm implementer 0x41 part 0xfff', features: [], cores: 1, performanceCores: 1 },
    },
    {
      text: little + little,
      cpu: { model: 'Cortex-A55', features: ['asimd', 'asimddp'], cores: 2, performanceCores: 2 },
    },
    {
      // A feature counts only where every core has it.
      text: little + big + big,
      cpu: { model: '2 x Cortex-A76, 1 x Cortex-A55', features: ['asimd', 'asimddp'], cores: 3, performanceCores: 2 },
    },
    {
      text: 'processor\t: 0\nmodel\t\t: 60\nmodel name\t: A CPU\nflags\t\t: fpu avx2 fma\nbugs\t\t: spectre_v1\n',
      cpu: { model: 'A CPU', features: ['avx2', 'fma'], cores: 1, performanceCores: 1 },
    },
  ])('reads $cpu.model', ({ text, cpu }) => {
    expect(parseCpuInfo(text)).toEqual(cpu);
  });
});

describe('parseDeviceTreeStrings', () => {
  it('splits at zero bytes', () => {
    expect(parseDeviceTreeStrings('raspberrypi,4-model-b\0brcm,bcm2711\0')).toEqual([
      'raspberrypi,4-model-b',
      'brcm,bcm2711',
    ]);
    expect(parseDeviceTreeStrings('')).toEqual([]);
  });
});
