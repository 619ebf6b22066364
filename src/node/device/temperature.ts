import { type Tree, treeAt } from './tree.ts';

/** Readings outside of these are no temperatures of a running machine. */
const COLDEST = -40;
const HOTTEST = 150;

const ZONES = 'sys/class/thermal';

/** The hottest thermal zone in degrees Celsius, as Linux tells in thousandths; undefined where it tells nothing. */
export function readTemperature(tree: Tree = treeAt('/')): number | undefined {
  const zones = tree.list(ZONES).filter((name) => name.startsWith('thermal_zone'));
  const readings = zones.map((zone) => Number(tree.read(`${ZONES}/${zone}/temp`)?.trim() || Number.NaN) / 1000);
  const sane = readings.filter((value) => value > COLDEST && value < HOTTEST);
  return sane.length === 0 ? undefined : Math.max(...sane);
}
