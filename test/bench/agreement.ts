import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Geometry } from '../../src/image/fit.ts';
import type { Pixels } from '../../src/image/pixels.ts';
import { resizeAndCrop } from '../../src/image/resize-and-crop.ts';
import { readPicture } from '../../src/node/image/read-picture.ts';
import { listClassFolders } from '../../src/node/model/class-folders.ts';
import { type OpenedModel, openModel } from '../../src/node/model/open-model.ts';
import { classifyPicture } from '../../src/pipeline/classify.ts';
import { mulberry32 } from '../../src/tensor/random.ts';
import { bundled, kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10 } from './common/folders.ts';
import { addGrain } from './common/grain.ts';
import { type Figure, figure, report, say } from './common/report.ts';
import { LARGE, scenes } from './common/scenes.ts';
import { percent } from './common/units.ts';

const { pictures, large } = wholeNumbers({ pictures: 1000, large: 40 });

/**
 * Sides to which a photograph of 32 x 32 is enlarged. Read back they are decoded at 1/4, as 12 megapixels are for a model of 224, at 1/8,
 * and at 1/2 with a part missing.
 */
const SIDES = [384, 512, 811];
const GRAIN = 6;
const QUALITY = 90;

/** Decoded at full scale and resized as Pillow does it. */
async function whole(bytes: Uint8Array, geometry: Geometry): Promise<Pixels> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return resizeAndCrop({ width: info.width, height: info.height, data: new Uint8Array(data) }, geometry);
}

type Compared = { agreed: number; differed: number; count: number };

async function compare(model: OpenedModel, bytes: Uint8Array, sum: Compared): Promise<void> {
  const { preprocessing } = model.metadata;
  const [full, reduced] = [await whole(bytes, preprocessing), await readPicture(bytes, preprocessing)];
  const best = async (pixels: Pixels): Promise<string | undefined> => {
    return (
      await classifyPicture(
        model,
        async () => pixels,
        1,
        () => 0,
      )
    ).top[0]?.label;
  };
  let difference = 0;
  for (const [i, value] of full.data.entries()) difference += Math.abs(value - reduced.data[i]!);
  sum.differed += difference / full.data.length;
  sum.agreed += (await best(full)) === (await best(reduced)) ? 1 : 0;
  sum.count++;
}

function figures(name: string, { agreed, differed, count }: Compared): readonly Figure[] {
  return [
    figure(`${name}, ${count} pictures`, agreed / count, 'at least', 0.995, percent),
    { name: '  mean difference', measured: `${(differed / count).toFixed(2)} levels of 255` },
  ];
}

async function enlarged(): Promise<readonly Figure[]> {
  const model = await openModel(await bundled());
  const { pictures: listed } = await listClassFolders(await cifar10('test'), model.metadata, pictures);
  const rows: Figure[] = [];
  for (const side of SIDES) {
    say(`photographs enlarged to ${side} x ${side}`);
    const sum: Compared = { agreed: 0, differed: 0, count: 0 };
    for (const [i, { path }] of listed.entries()) {
      const { data, info } = await sharp(path)
        .resize(side, side, { kernel: 'cubic' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      addGrain(data, GRAIN, mulberry32(i));
      const raw = { width: info.width, height: info.height, channels: info.channels };
      await compare(model, await sharp(data, { raw }).jpeg({ quality: QUALITY }).toBuffer(), sum);
    }
    rows.push(...figures(`ResNet-20, CIFAR-10 enlarged to ${side} x ${side}`, sum));
  }
  await model.session.close();
  return rows;
}

async function drawn(): Promise<readonly Figure[]> {
  const model = await openModel(await kept('resnet18', 'int8'));
  const folder = await scenes(large, LARGE);
  const sum: Compared = { agreed: 0, differed: 0, count: 0 };
  say(`${large} scenes of ${LARGE.width} x ${LARGE.height}`);
  for (const name of readdirSync(folder)) await compare(model, readFileSync(join(folder, name)), sum);
  await model.session.close();
  return figures(`ResNet-18 of random weights, scenes of ${LARGE.width} x ${LARGE.height}`, sum);
}

report('Top-1 with a JPEG decoded at a reduced scale, as with it decoded whole', [
  ...(await enlarged()),
  ...(large > 0 ? await drawn() : []),
]);
