import { readTemperature } from '../device/temperature.ts';
import type { Check } from './check.ts';
import type { DoctorHost } from './host.ts';

const THROTTLED = 'sys/devices/platform/soc/soc:firmware/get_throttled';
const GOVERNOR = 'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';
const HOT = 80;

/** Bits of the Raspberry Pi firmware's get_throttled (its documentation of vcgencmd). */
const NOW: readonly (readonly [number, string])[] = [
  [0, 'under-voltage'],
  [1, 'clock capped'],
  [2, 'throttled'],
  [3, 'soft temperature limit'],
];
const SINCE_START = 16;

/** What boards report of their power, clock and warmth; nothing of what a board does not report. */
export async function checkBoard(host: DoctorHost): Promise<readonly Check[]> {
  const found = [await throttling(host), governor(host), await powerMode(host), temperature(host)];
  return found.filter((check) => check !== undefined);
}

async function throttling({ tree, run }: DoctorHost): Promise<Check | undefined> {
  const text = tree.read(THROTTLED) ?? (await run('vcgencmd', ['get_throttled']));
  const hex = /(?:throttled=)?0?x?([0-9a-f]+)\s*$/i.exec(text?.trim() ?? '')?.[1];
  if (hex === undefined) return undefined;
  const bits = Number.parseInt(hex, 16);
  const now = NOW.filter(([bit]) => bits & (1 << bit)).map(([, name]) => name);
  const before = NOW.filter(([bit]) => bits & (1 << (bit + SINCE_START))).map(([, name]) => name);
  const about = { group: 'board', name: 'throttling' } as const;
  if (now.length === 0 && before.length === 0) return { ...about, state: 'ok', found: 'none since the start' };
  const found = now.length > 0 ? `now: ${now.join(', ')}` : `since the start: ${before.join(', ')}`;
  const volts = [...now, ...before].includes('under-voltage');
  const mend = volts ? 'a stronger power supply and a short cable' : 'a heat sink or a fan';
  return { ...about, state: 'note', found, mend };
}

function governor({ tree }: DoctorHost): Check | undefined {
  const name = tree.read(GOVERNOR)?.trim();
  if (name === undefined || name === '') return undefined;
  const about = { group: 'board', name: 'CPU governor', found: name } as const;
  return name === 'powersave'
    ? {
        ...about,
        state: 'note',
        mend: 'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
      }
    : { ...about, state: 'ok' };
}

async function powerMode({ tree, run }: DoctorHost): Promise<Check | undefined> {
  if (tree.read('etc/nvpmodel.conf') === undefined) return undefined;
  const said = (await run('nvpmodel', ['-q'])) ?? '';
  const mode = /NV Power Mode:\s*(\S+)/.exec(said)?.[1];
  const about = { group: 'board', name: 'power mode' } as const;
  const mend = 'sudo nvpmodel -m 0 && sudo jetson_clocks';
  if (mode === undefined) return { ...about, state: 'note', found: 'nvpmodel does not say', mend };
  return mode.startsWith('MAXN')
    ? { ...about, state: 'ok', found: mode }
    : { ...about, state: 'note', found: mode, mend };
}

function temperature({ tree }: DoctorHost): Check | undefined {
  const hottest = readTemperature(tree);
  if (hottest === undefined) return undefined;
  const about = { group: 'board', name: 'temperature', found: `${hottest.toFixed(0)} °C` } as const;
  return hottest < HOT ? { ...about, state: 'ok' } : { ...about, state: 'note', mend: 'a heat sink or a fan' };
}
