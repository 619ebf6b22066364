import { basename, dirname, join } from 'node:path';
import { renderLearnReport } from '../../../converter/report/learn.ts';
import type { LearnReportData, MistakenPicture } from '../../../converter/report/learn-data.ts';
import { loadSharp } from '../image/load-sharp.ts';
import { packageProducer } from '../package.ts';
import { writeWhole } from '../write-whole.ts';
import type { Taught } from './types.ts';

/** Writes the page of `learn --report`, whole or not at all. */
export async function writeLearnReport(path: string, taught: Taught, seed: number): Promise<void> {
  const { base, validated, labels, pictures, bytes, memoryBytes } = taught;
  const { name, version } = packageProducer();
  const data: LearnReportData = {
    arch: base.metadata.arch,
    precision: base.metadata.precision,
    labels,
    pictures,
    judged: validated.answers.length,
    accuracy: taught.accuracy,
    threshold: taught.threshold,
    folds: validated.folds,
    curve: validated.curve,
    epochs: validated.head.epochs,
    confusion: taught.confusion,
    verified: taught.verified,
    bytes: { base: base.bytes, model: bytes, memory: memoryBytes },
    worst: await shown(taught),
    ...(taught.grown ? { grown: taught.grown } : {}),
    ...(taught.tuned ? { tuned: taught.tuned } : {}),
    recipe: taught.recipe,
    seed,
    base: { file: basename(base.path), sha256: base.sha256 },
    tool: `${name} ${version}`,
    skipped: taught.skipped,
    warnings: taught.warnings,
    ms: taught.ms,
  };
  writeWhole(path, [new TextEncoder().encode(renderLearnReport(data))]);
}

async function shown({ worst }: Taught): Promise<readonly MistakenPicture[]> {
  const sharp = await loadSharp();
  return Promise.all(
    worst.map(async ({ example, ...answer }) => {
      const { data, width, height } = await example.open().pixels();
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      const name = join(basename(dirname(example.name)), basename(example.name));
      return { ...answer, name, side: width, source: `data:image/png;base64,${png.toString('base64')}` };
    }),
  );
}
