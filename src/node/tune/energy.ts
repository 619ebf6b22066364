import { type Tree, treeAt } from '../device/tree.ts';

/** What a board tells of the energy that it takes: a counter, or the power of the moment. */
export type EnergyMeter =
  | {
      readonly kind: 'counter';
      readonly name: string;
      /** Joules since some time; starts anew past `range`. */
      readonly joules: () => number | undefined;
      readonly range: number;
    }
  | { readonly kind: 'power'; readonly name: string; readonly watts: () => number | undefined };

const RAPL = 'sys/class/powercap';
const I2C = 'sys/bus/i2c/devices';
/** The rail of an INA3221 that feeds the whole Jetson module or board, by its label; the AGX ones measure only parts. */
const WHOLE_BOARD = /^(VDD_IN|POM_5V_IN|SYS_VIN)$/;
const CHANNELS = [1, 2, 3];

/**
 * The meter of this machine: Intel's and AMD's package counters (RAPL, in /sys/class/powercap; most systems let only root read them) or the
 * INA3221 of a Jetson. Undefined where neither is there or may be read.
 */
export function findMeter(tree: Tree = treeAt('/')): EnergyMeter | undefined {
  return raplMeter(tree) ?? inaMeter(tree);
}

function raplMeter(tree: Tree): EnergyMeter | undefined {
  const zones = tree
    .list(RAPL)
    .filter(
      (zone) =>
        tree.read(`${RAPL}/${zone}/name`)?.startsWith('package-') &&
        !Number.isNaN(numberIn(tree, `${RAPL}/${zone}/energy_uj`)),
    );
  if (zones.length === 0) return undefined;
  const sum = (file: string): number => zones.reduce((all, zone) => all + numberIn(tree, `${RAPL}/${zone}/${file}`), 0);
  return {
    kind: 'counter',
    name: 'processor package (RAPL)',
    joules: () => known(sum('energy_uj') / 1e6),
    // Of several packages only one is likely to start anew between two readings.
    range: numberIn(tree, `${RAPL}/${zones[0]}/max_energy_range_uj`) / 1e6,
  };
}

function inaMeter(tree: Tree): EnergyMeter | undefined {
  for (const device of tree.list(I2C)) {
    const base = `${I2C}/${device}/hwmon`;
    for (const monitor of tree.list(base)) {
      const at = `${base}/${monitor}`;
      const channel = CHANNELS.find((number) => WHOLE_BOARD.test(tree.read(`${at}/in${number}_label`)?.trim() ?? ''));
      if (channel === undefined) continue;
      // Millivolts times milliamperes.
      const watts = (): number | undefined =>
        known((numberIn(tree, `${at}/in${channel}_input`) * numberIn(tree, `${at}/curr${channel}_input`)) / 1e6);
      if (watts() === undefined) continue;
      return { kind: 'power', name: `${tree.read(`${at}/in${channel}_label`)?.trim()} (INA3221)`, watts };
    }
  }
  return undefined;
}

function numberIn(tree: Tree, path: string): number {
  const text = tree.read(path)?.trim();
  return text === undefined || text === '' ? Number.NaN : Number(text);
}

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

export type EnergyWatch = {
  /** Joules since the start; undefined where the board stopped to tell. */
  readonly end: () => number | undefined;
};

const SAMPLE_MS = 50;

/** Counts from now on: by two readings of a counter, or by the mean of many readings of the power. */
export function watchEnergy(meter: EnergyMeter, now: () => number = () => performance.now()): EnergyWatch {
  if (meter.kind === 'counter') {
    const start = meter.joules();
    return {
      end: () => {
        const stop = meter.joules();
        if (start === undefined || stop === undefined) return undefined;
        return stop >= start ? stop - start : stop - start + meter.range;
      },
    };
  }
  const begin = now();
  const readings: (number | undefined)[] = [meter.watts()];
  const timer = setInterval(() => readings.push(meter.watts()), SAMPLE_MS);
  return {
    end: () => {
      clearInterval(timer);
      const watts = [...readings, meter.watts()].filter((value) => value !== undefined);
      if (watts.length === 0) return undefined;
      return (watts.reduce((sum, value) => sum + value, 0) / watts.length) * ((now() - begin) / 1000);
    },
  };
}
