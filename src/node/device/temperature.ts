import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Readings outside of these are no temperatures of a running machine. */
const COLDEST = -40;
const HOTTEST = 150;

/** The hottest thermal zone in degrees Celsius, as Linux tells in thousandths; undefined where it tells nothing. */
export function readTemperature(folder = '/sys/class/thermal'): number | undefined {
  const readings = zones(folder).map((zone) => reading(join(folder, zone, 'temp')));
  const sane = readings.filter((value) => value > COLDEST && value < HOTTEST);
  return sane.length === 0 ? undefined : Math.max(...sane);
}

function zones(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('thermal_zone'));
  } catch {
    return [];
  }
}

function reading(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').trim() || Number.NaN) / 1000;
  } catch {
    return Number.NaN;
  }
}
