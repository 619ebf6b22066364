import { join } from 'node:path';
import { alternate, median } from './common/alternate.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10 } from './common/folders.ts';
import { measure } from './common/process.ts';
import { report } from './common/report.ts';
import { perSecond } from './common/units.ts';

const { rounds, pictures } = wholeNumbers({ rounds: 3, pictures: 3000 });
const IN_FLIGHT = [1, 2, 4, 8, 16, 32];

const folder = await cifar10('test');
const decoder = join(import.meta.dirname, 'bare/decode.mjs');
const candidates = Object.fromEntries(
  IN_FLIGHT.map((count) => [
    `${count} at once`,
    async () => (await measure(process.execPath, [decoder, folder, `${pictures}`, `${count}`])).seconds,
  ]),
);
const taken = await alternate(candidates, rounds);
report(
  `sharp alone, ${pictures} JPEGs of 32 x 32, whole process, medians of ${rounds} rounds`,
  Object.entries(taken).map(([name, all]) => ({ name, measured: perSecond(pictures / median(all)) })),
);
