import { print, table } from '../../src/cli/print.ts';
import { choice, wholeNumbers } from './common/flags.ts';
import { say } from './common/report.ts';
import { megabytes, ms } from './common/units.ts';
import { campaign, type Tally } from './fuzz/campaign.ts';
import { FORMATS } from './fuzz/seeds.ts';

const format = choice('format', ['all', ...FORMATS]);
const { minutes, seed, from } = wholeNumbers({ minutes: 10, seed: 0, from: 0 }, ['format']);

const tallies: Tally[] = [];
for (const wanted of format === 'all' ? FORMATS : [format]) {
  say(`${wanted}, ${minutes} min from file ${from} of seed ${seed}`);
  tallies.push(await campaign(wanted, seed, from, minutes));
}
const head = ['format', 'files', 'accepted', 'refused', 'findings', 'stopped', 'slowest', 'peak memory'];
const rows = tallies.map(({ format: name, tried, accepted, refused, findings, stopped, slowest, peakRss }) => {
  return [
    name,
    ...[tried, accepted, refused, findings, stopped].map(String),
    `${ms(slowest.ms)} (file ${slowest.index})`,
    megabytes(peakRss),
  ];
});
print(`damaged models read for ${minutes} min a format, seed ${seed}\n${table([head, ...rows])}`);
if (tallies.some(({ findings }) => findings > 0)) process.exitCode = 1;
