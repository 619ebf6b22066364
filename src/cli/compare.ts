import type { Command } from 'commander';
import { wholeNumber } from './options.ts';
import { bar, counted, noteSkipped, print } from './print.ts';

const MAX_PICTURES = 1_000_000;
const BAR_WIDTH = 30;
/** Decibels that fill a bar. */
const FULL_DB = 60;

type Flags = { readonly samples: number; readonly json?: boolean };

export function addCompare(program: Command): Command {
  return program
    .command('compare <reference.onnx> <other.onnx> <folder>')
    .description('where two models of one network part, layer by layer, on pictures of a folder')
    .option('--samples <n>', 'pictures to compare on', wholeNumber(1, MAX_PICTURES), 32)
    .option('--json', 'print JSON and nothing else')
    .action(runCompare);
}

async function runCompare(reference: string, other: string, folder: string, flags: Flags): Promise<void> {
  const { compareFiles } = await import('../node/model/compare.ts');
  const { layers, pictures, skipped } = await compareFiles(reference, other, folder, flags.samples);
  noteSkipped(skipped, pictures + skipped.length);
  if (flags.json) {
    print(JSON.stringify({ reference, other, pictures, skipped: skipped.length, layers }));
    return;
  }
  const width = Math.max(...layers.map(({ name }) => name.length));
  for (const { name, sqnrDb } of layers) {
    const share = Math.max(0, Math.min(1, sqnrDb / FULL_DB));
    print(`  ${name.padEnd(width)}  ${sqnrDb.toFixed(1).padStart(6)} dB  ${bar(share, BAR_WIDTH)}`.trimEnd());
  }
  const [values, shown] = [counted(layers.length, 'value'), counted(pictures, 'picture')];
  print(`  ${values} over ${shown}; SQNR of ${other} against ${reference}`);
}
