import type { Command } from 'commander';
import type { WrittenPage } from '../node/page/write.ts';
import { oneMore } from './options.ts';
import { byteSize, fields, print } from './print.ts';

type Flags = {
  readonly output: string;
  readonly model: readonly string[];
  readonly device?: string;
  readonly json?: boolean;
};

export function addPage(program: Command): Command {
  return program
    .command('page')
    .description('write a web page that classifies with the camera, in the browser alone')
    .requiredOption('-o, --output <folder>', 'where the page goes')
    .requiredOption(
      '--model <model.onnx>',
      'a model made by resedge convert; again for the same one in another precision',
      oneMore,
    )
    .option('--device <profile>', "heed this browser's profile alone (default: all that a browser has)")
    .option('--json', 'print JSON and nothing else')
    .action(runPage);
}

async function runPage({ output, model, device, json }: Flags): Promise<void> {
  const { writePage } = await import('../node/page/write.ts');
  const written = writePage({ folder: output, models: model, device });
  print(json ? JSON.stringify(written) : describe(written));
}

function describe({ folder, manifest, files }: WrittenPage): string {
  const sizeOf = (matches: (path: string) => boolean): string =>
    byteSize(files.filter(({ path }) => matches(path)).reduce((sum, { bytes }) => sum + bytes, 0));
  const runtime = (path: string): boolean => path.startsWith('ort/');
  const gpu = (path: string): boolean => runtime(path) && /webgpu|asyncify/.test(path);
  const hasGpu = files.some(({ path }) => gpu(path));
  const rows: readonly (readonly [string, string])[] = [
    ['page', folder],
    ['network', manifest.arch],
    ...manifest.models.map(({ name, precision, bytes }) => [precision, `${name}, ${byteSize(bytes)}`] as const),
    ['profiles', manifest.profiles.map(({ id }) => id).join(', ')],
    ['WASM', `${sizeOf((path) => runtime(path) && !gpu(path))}, fetched once`],
    ...(hasGpu ? [['WebGPU, WebNN', `${sizeOf(gpu)}, fetched once by browsers that have them`] as const] : []),
  ];
  return `${fields(rows)}\n\n  Serve the folder over https, or on this machine with: npx serve ${folder}`;
}
