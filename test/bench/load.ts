import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { converted } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { MAIN } from './common/resedge.ts';
import { scenes } from './common/scenes.ts';
import { fineTimes, megabytes, ms, seconds } from './common/units.ts';

const { rounds } = wholeNumbers({ rounds: 9 });

const folder = await scenes(1);
const picture = join(folder, readdirSync(folder)[0] ?? '');
/** What Node.js itself may take is not the model's. */
const idle = await measure(process.execPath, ['-e', 'setTimeout(() => undefined, 100)']);
const MB = 1e6;

type Loaded = { readonly loadMs: number; readonly seconds: number; readonly peakRss: number };

const load = (model: string, cache: string) => async (): Promise<Loaded> => {
  const env = { RESEDGE_CACHE: cache };
  const bench = await measure(process.execPath, [MAIN, 'bench', '--model', model, '--runs', '1', '--json'], env);
  const classify = await measure(process.execPath, [MAIN, 'classify', picture, '--model', model], env);
  const { loadMs }: { readonly loadMs: number } = JSON.parse(bench.stdout);
  return { loadMs, seconds: classify.seconds, peakRss: classify.peakRss - idle.peakRss };
};

for (const name of ['resnet50', 'resnet18'] as const) {
  const model = await converted(name, 'int8');
  const cache = mkdtempSync(join(tmpdir(), 'resedge-load-'));
  const first = async (): Promise<Loaded> => {
    const fresh = mkdtempSync(join(tmpdir(), 'resedge-load-'));
    try {
      return await load(model, fresh)();
    } finally {
      rmSync(fresh, { recursive: true });
    }
  };
  await load(model, cache)();
  const { off, made, kept } = await alternate(
    { off: load(model, 'off'), made: first, kept: load(model, cache) },
    rounds,
  );
  rmSync(cache, { recursive: true });
  const of = (key: keyof Loaded, all: readonly Loaded[]): readonly number[] => all.map((one) => one[key]);
  report(`${name} INT8, medians of ${rounds} rounds`, [
    { name: 'load without the cache', measured: ms(median(of('loadMs', off))) },
    { name: 'first load, which keeps the graph', measured: ms(median(of('loadMs', made))) },
    { name: 'later load', measured: ms(median(of('loadMs', kept))) },
    figure('later load over the first', medianRatio(of('loadMs', kept), of('loadMs', made)), 'at most', 0.5, fineTimes),
    { name: 'later load over none kept', measured: fineTimes(medianRatio(of('loadMs', kept), of('loadMs', off))) },
    { name: 'classify without the cache, whole process', measured: seconds(median(of('seconds', off))) },
    { name: 'classify later, whole process', measured: seconds(median(of('seconds', kept))) },
    { name: "its memory over Node's without the cache", measured: megabytes(median(of('peakRss', off))) },
    figure("its memory over Node's later", median(of('peakRss', kept)), 'at most', 180 * MB, megabytes),
  ]);
}
