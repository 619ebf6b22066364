import { basename, extname, join, relative } from 'node:path';
import type { Command } from 'commander';
import type { ConvertedFile } from '../node/model/converted-file.ts';
import type { Guess } from '../runtime/answer.ts';
import { FLOOR } from './options.ts';
import { byteSize, columns, fields, milliseconds, note, print, table } from './print.ts';

const MODEL = 'resnet20-cifar10';
const TOP = 3;
const RUNS = 200;

type Flags = { readonly output: string };

export function addDemo(program: Command): Command {
  return program
    .command('demo')
    .description('the whole way with the bundled model: convert, classify, compare')
    .option('-o, --output <folder>', 'where the models go', 'out')
    .action(runDemo);
}

async function runDemo(flags: Flags): Promise<void> {
  const [{ bundledModel }, { convertFile }, { quickProfile }, { schemeNamed }, { foldedLine }] = await Promise.all([
    import('../node/model/bundled.ts'),
    import('../node/model/convert-file.ts'),
    import('../node/device/quick-profile.ts'),
    import('../../converter/quantize/scheme.ts'),
    import('./converted.ts'),
  ]);
  const bundled = bundledModel(MODEL);
  const { profile, machine, why } = await quickProfile();
  const common = {
    weights: bundled.weights,
    arch: 'auto',
    preprocessing: bundled.preprocessing,
    labels: bundled.labels,
    licence: bundled.licence,
  };
  const output = (precision: string): string => join(flags.output, `${MODEL}.${precision}.onnx`);

  print(`\n${bundled.name}, from trained weights to classified pictures\n`);
  const fp32 = await convertFile({ ...common, output: output('fp32') });
  const int8 = await convertFile({
    ...common,
    output: output('int8'),
    int8: {
      recipe: { scheme: schemeNamed(profile.scheme), method: 'auto', corrections: 'auto' },
      calibrate: bundled.calibration,
      samples: 0,
      seed: 0,
      floor: FLOOR,
    },
  });
  for (const warning of new Set([...fp32.warnings, ...int8.warnings])) note(warning);
  const fidelity = int8.conversion.int8?.judgement.sqnrDb ?? 0;
  print(
    fields([
      ['machine', `${machine.model}, ${machine.cores} cores: profile ${profile.id} (${why.join(', ')})`],
      ['network', fp32.network.description],
      ['folded', foldedLine(int8.conversion)],
      ['INT8', `scheme ${profile.scheme}, logits ${fidelity.toFixed(1)} dB against FP32`],
    ]),
  );
  print('');
  const float = await tryModel(output('fp32'), bundled.pictures);
  const stored = await tryModel(output('int8'), bundled.pictures);
  printAnswers(float, stored);
  print('');
  printFiles([
    [output('fp32'), fp32, float.p50],
    [output('int8'), int8, stored.p50],
  ]);
  print('\nYour own weights (PyTorch .pth or safetensors), with a folder of typical pictures to calibrate on:\n');
  print('  npx resedge convert resnet50.pth -o resnet50.onnx --calibrate pictures/ --labels labels.txt');
  print('  npx resedge classify photo.jpg --model resnet50.onnx\n');
}

type Tried = {
  readonly answers: readonly { readonly picture: string; readonly top: readonly Guess[] }[];
  readonly p50: number;
};

/** Classifies the pictures and times inference; one model is open at a time, since idle threads disturb the other's times. */
async function tryModel(path: string, pictures: string): Promise<Tried> {
  const [{ openModel }, { classify }, { listPictures }, { bench }] = await Promise.all([
    import('../node/model/open-model.ts'),
    import('../node/model/classify.ts'),
    import('../node/image/list.ts'),
    import('../node/model/bench.ts'),
  ]);
  const model = await openModel(path);
  try {
    const answers: Tried['answers'][number][] = [];
    for (const picture of await listPictures([pictures])) {
      answers.push({ picture, top: (await classify(model, picture, TOP)).top });
    }
    return { answers, p50: (await bench(model, RUNS)).ms.p50 };
  } finally {
    await model.session.close();
  }
}

function printAnswers(float: Tried, stored: Tried): void {
  const guess = ({ label, probability }: Guess): string => `${label} ${probability.toFixed(2)}`;
  const rows = stored.answers.map(({ picture, top }, i) => {
    const reference = float.answers[i]?.top[0];
    return [basename(picture), reference ? guess(reference) : '', ...top.map(guess)];
  });
  print(columns([['picture', 'FP32', 'INT8', 'second', 'third'], ...rows], '   '));
  const named = stored.answers.filter(({ picture, top }) => basename(picture, extname(picture)) === top[0]?.label);
  const agreeing = stored.answers.filter(({ top }, i) => top[0]?.index === float.answers[i]?.top[0]?.index);
  const count = stored.answers.length;
  print(
    `\n  INT8 agrees with FP32 on ${agreeing.length} of ${count} pictures and is right on ${named.length} of ${count}.`,
  );
}

function printFiles(rows: readonly (readonly [string, ConvertedFile, number])[]): void {
  const reference = rows[0]?.[2] ?? 1;
  const cells = rows.map(([path, { bytes, sourceBytes }, p50]) => [
    relative('.', path),
    `${byteSize(sourceBytes)} -> ${byteSize(bytes)}`,
    milliseconds(p50),
    `${(reference / p50).toFixed(2)}x`,
  ]);
  print(table([['file', 'size', 'p50', 'speed'], ...cells]));
}
