import { describe, expect, it } from 'vitest';
import { parseCpuInfo, parseDeviceTreeStrings } from '../../../../src/node/device/cpu-info.ts';
import { usableMemoryMb } from '../../../../src/node/device/machine.ts';

const armCore = (part: string, features: string): string => `processor\t: 0
BogoMIPS\t: 108.00
Features\t: ${features}
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: ${part}
CPU revision\t: 3

`;
const a76 = 'fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp';

const TEXTS = {
  pi4: `${armCore('0xd08', 'fp asimd evtstrm crc32 cpuid')}Revision\t: c03114\nSerial\t\t: 10000000abcdef01\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n`,
  pi5: `${armCore('0xd0b', a76)}Revision\t: d04170\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0\n`,
  orin: armCore('0xd42', `${a76} uscat ilrcpc flagm paca pacg`),
  haswell:
    'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 60\nmodel name\t: Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz\nflags\t\t: fpu vme sse sse2 ssse3 fma sse4_1 sse4_2 avx f16c bmi1 avx2 bmi2\nbugs\t\t: spectre_v1\n',
  zen4: 'processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse4_1 avx f16c fma avx2 avx512f avx512dq avx512bw avx512vl avx512_bf16 avx512_vnni avx512_bitalg\n',
} as const;

describe('parseCpuInfo', () => {
  it.each([
    { text: TEXTS.pi4, model: 'Cortex-A72', features: ['asimd'] },
    { text: TEXTS.pi5, model: 'Cortex-A76', features: ['asimd', 'fphp', 'asimdhp', 'asimddp'] },
    { text: TEXTS.orin, model: 'Cortex-A78AE', features: ['asimd', 'fphp', 'asimdhp', 'asimddp'] },
    {
      text: TEXTS.haswell,
      model: 'Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz',
      features: ['sse4_1', 'avx', 'avx2', 'fma', 'f16c'],
    },
    {
      text: TEXTS.zen4,
      model: 'AMD EPYC',
      features: ['sse4_1', 'avx', 'avx2', 'fma', 'f16c', 'avx512f', 'avx512bw', 'avx512_vnni', 'avx512_bf16'],
    },
    { text: armCore('0xfff', 'fp'), model: 'Arm implementer 0x41 part 0xfff', features: [] },
    { text: '', model: 'unknown', features: [] },
  ])('reads $model', ({ text, model, features }) => {
    expect(parseCpuInfo(text)).toEqual({ model, features });
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

describe('usableMemoryMb', () => {
  it('heeds a limit, and no limit', () => {
    expect(usableMemoryMb(8 * 2 ** 30, 2 ** 30)).toBe(1024);
    expect(usableMemoryMb(8 * 2 ** 30, 0)).toBe(8192);
    expect(usableMemoryMb(8 * 2 ** 30, 2 ** 64)).toBe(8192);
  });
});
