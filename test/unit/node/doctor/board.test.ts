import { describe, expect, it } from 'vitest';
import { treeAt } from '../../../../src/node/device/tree.ts';
import { checkBoard } from '../../../../src/node/doctor/board.ts';
import type { DoctorHost } from '../../../../src/node/doctor/host.ts';
import { folderWith } from '../folder.ts';

/** A board with these files, whose programs print this. */
const board = (files: Readonly<Record<string, string>>, said: Readonly<Record<string, string>> = {}): DoctorHost => ({
  ...{ tree: treeAt(folderWith(files)), platform: 'linux', arch: 'arm64', node: '20.20.2', glibc: '2.36' },
  run: async (program) => said[program],
});
const brief = async (host: DoctorHost): Promise<readonly string[]> =>
  (await checkBoard(host)).map(
    ({ name, state, found, mend }) => `${name} ${state}: ${found}${mend === undefined ? '' : ` -> ${mend}`}`,
  );

const THROTTLED = 'sys/devices/platform/soc/soc:firmware/get_throttled';
const GOVERNOR = 'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';

describe('a board', () => {
  it('that reports nothing is not spoken of', async () => {
    expect(await brief(board({}))).toEqual([]);
  });

  it('as Raspberry Pi OS describes one that is well', async () => {
    const files = { [THROTTLED]: '0\n', [GOVERNOR]: 'ondemand\n', 'sys/class/thermal/thermal_zone0/temp': '48312\n' };
    expect(await brief(board(files))).toEqual([
      'throttling ok: none since the start',
      'CPU governor ok: ondemand',
      'temperature ok: 48 °C',
    ]);
  });

  it.each([
    {
      hex: '50005',
      says: 'throttling note: now: under-voltage, throttled -> a stronger power supply and a short cable',
    },
    { hex: '80000', says: 'throttling note: since the start: soft temperature limit -> a heat sink or a fan' },
  ])('throttled 0x$hex, from the file or from vcgencmd', async ({ hex, says }) => {
    expect(await brief(board({ [THROTTLED]: `${hex}\n` }))).toEqual([says]);
    expect(await brief(board({}, { vcgencmd: `throttled=0x${hex}\n` }))).toEqual([says]);
  });

  it('that saves power, and is hot in one of its zones', async () => {
    const zones = { 'sys/class/thermal/thermal_zone0/temp': '41000', 'sys/class/thermal/thermal_zone1/temp': '85500' };
    const [governor, warmth] = await brief(board({ [GOVERNOR]: 'powersave\n', ...zones }));
    expect(governor).toMatch(/^CPU governor note: powersave -> echo performance/);
    expect(warmth).toBe('temperature note: 86 °C -> a heat sink or a fan');
  });

  it.each([
    { said: 'NV Power Mode: MAXN\n0\n', says: /^power mode ok: MAXN$/ },
    { said: 'NV Power Mode: 15W\n2\n', says: /^power mode note: 15W -> sudo nvpmodel -m 0/ },
    { said: undefined, says: /^power mode note: nvpmodel does not say/ },
  ])('a Jetson in mode $said', async ({ said, says }) => {
    const host = board({ 'etc/nvpmodel.conf': '' }, said === undefined ? {} : { nvpmodel: said });
    expect(await brief(host)).toEqual([expect.stringMatching(says)]);
  });
});
