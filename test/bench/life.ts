import { join } from 'node:path';
import { kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { measure } from './common/process.ts';
import { figure, report, say } from './common/report.ts';
import { megabytes } from './common/units.ts';

const { inferences, reloads } = wholeNumbers({ inferences: 100_000, reloads: 200 });
const PER_INFERENCES = 10_000;
const PER_RELOADS = 100;

type Grown = { readonly slope: number; readonly first: number; readonly last: number };

const script = join(import.meta.dirname, 'bare/life.mjs');
const grown = async (...args: readonly string[]): Promise<Grown> => {
  return JSON.parse((await measure(process.execPath, ['--expose-gc', script, ...args])).stdout) as Grown;
};
const model = await kept('resnet18-quarter', 'int8', '--input-size', '64');
say(`${inferences} inferences`);
const inferring = await grown('infer', model, `${inferences}`, `${PER_INFERENCES}`);
say(`${reloads} reloads`);
const reloading = await grown('reload', model, `${reloads}`, `${PER_RELOADS}`);
const span = ({ first, last }: Grown): string => `${megabytes(first)} after warm-up, ${megabytes(last)} at the end`;
report('Growth of the resident set, a ResNet-18 of a quarter of the channels at 64, INT8, 1 thread', [
  figure(`${inferences} inferences, for every 10,000`, inferring.slope, 'at most', 1e6, megabytes),
  { name: '  resident set', measured: span(inferring) },
  { name: `${reloads} reloads, for every 100`, measured: megabytes(reloading.slope) },
  { name: '  resident set', measured: span(reloading) },
]);
