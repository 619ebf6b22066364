import { join } from 'node:path';
import { alternate, median } from './common/alternate.ts';
import { labelsFile } from './common/cifar.ts';
import { bundled } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10 } from './common/folders.ts';
import { measure } from './common/process.ts';
import { figure, report, say } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { perSecond } from './common/units.ts';

const { rounds, pictures } = wholeNumbers({ rounds: 3, pictures: 10_000 });
/** Decodes under way at once in the comparison: more gain nothing (decode.ts). */
const IN_FLIGHT = 8;

const folder = await cifar10('test');
const model = await bundled('--labels', labelsFile());

say(`${rounds} rounds of ${pictures} pictures`);
const decoder = join(import.meta.dirname, 'bare/decode.mjs');
const rate = (seconds: number): number => pictures / seconds;
const taken = await alternate(
  {
    evaluate: async () => rate((await resedge('evaluate', folder, '--model', model, '--limit', `${pictures}`)).seconds),
    decode: async () =>
      rate((await measure(process.execPath, [decoder, folder, `${pictures}`, `${IN_FLIGHT}`])).seconds),
  },
  rounds,
);
report(`${pictures} JPEGs of 32 x 32, whole process, medians of ${rounds} rounds`, [
  figure('resedge evaluate, ResNet-20 INT8', median(taken.evaluate), 'at least', 800, perSecond),
  { name: 'sharp, decoding alone', measured: perSecond(median(taken.decode)) },
]);
