import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, median } from './common/alternate.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10, ROOT, workPath } from './common/folders.ts';
import { measure } from './common/process.ts';
import { figure, report, say } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { perSecond } from './common/units.ts';

const { rounds, pictures } = wholeNumbers({ rounds: 3, pictures: 10_000 });
/** Decodes under way at once in the comparison: more gain nothing (decode.ts). */
const IN_FLIGHT = 8;

const folder = await cifar10('test');
const bundled = join(ROOT, 'models/resnet20-cifar10');
const labels = workPath('cifar10.txt');
writeFileSync(labels, 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n');
const model = workPath('bundled.onnx');
const weights = join(bundled, 'resnet20-cifar10.safetensors');
await resedge('convert', weights, '-o', model, '--labels', labels, '--calibrate', join(bundled, 'calibration.json'));

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
