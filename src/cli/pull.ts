import type { Command } from 'commander';
import { ResedgeError } from '../errors.ts';
import { byteSize, fields, print, progress } from './print.ts';

type Flags = { readonly output?: string; readonly offline?: boolean; readonly json?: boolean };

export function addPull(program: Command): Command {
  return program
    .command('pull <name>')
    .description('fetch trained weights: torchvision/resnet50, hf:owner/name, or an https address')
    .option('-o, --output <folder>', 'where the files go (default: the cache)')
    .option('--offline', 'take what was pulled before, ask nothing of the network')
    .option('--json', 'print JSON and nothing else')
    .action(runPull);
}

async function runPull(name: string, flags: Flags): Promise<void> {
  const [{ hubSource }, { pull }] = await Promise.all([import('../node/hub/source.ts'), import('../node/hub/pull.ts')]);
  const source = hubSource(name);
  if (source === undefined) {
    throw new ResedgeError(
      'usage',
      `expected torchvision/<network>, hf:<owner>/<name> or an https address, received ${name}`,
    );
  }
  const shown = pullProgress();
  const pulled = await pull(source, {
    ...(flags.output === undefined ? {} : { folder: flags.output }),
    ...(flags.offline ? { offline: true } : {}),
    onProgress: shown.onProgress,
  }).finally(shown.done);
  if (flags.json) {
    print(JSON.stringify({ source: name, ...pulled }));
    return;
  }
  const { describeCheck } = await import('../node/hub/check.ts');
  print(
    fields([
      ...pulled.files.flatMap(({ path, bytes, sha256, check, kept }) => [
        ['file', `${path}, ${byteSize(bytes)}${kept ? ', was there' : ''}`] as const,
        ['SHA-256', `${sha256}, ${describeCheck(check)}`] as const,
      ]),
      ['next', `resedge convert ${quoted(flags.output ?? name)} -o model.onnx`],
    ]),
  );
}

function quoted(name: string): string {
  return /[?&#;]/.test(name) ? `'${name}'` : name;
}

/** Smoothed over this long. */
const SPEED_MS = 1000;
/** Between two looks of the line. */
const SHOWN_MS = 100;

/** `pulling model.safetensors 45.1 MB of 97.8 MB, 12.3 MB a second`, on a terminal. */
export function pullProgress(): {
  readonly onProgress: (name: string, done: number, total: number | undefined) => void;
  readonly done: () => void;
} {
  const line = progress();
  let since = { at: performance.now(), done: 0, name: '' };
  let shownAt = 0;
  let speed = '';
  return {
    onProgress: (name, done, total) => {
      const now = performance.now();
      if (name !== since.name) since = { at: now, done, name };
      if (now - since.at >= SPEED_MS) {
        speed = `, ${byteSize(Math.round((1000 * (done - since.done)) / (now - since.at)))} a second`;
        since = { at: now, done, name };
      }
      if (now - shownAt < SHOWN_MS) return;
      shownAt = now;
      line.show(`pulling ${name} ${byteSize(done)}${total === undefined ? '' : ` of ${byteSize(total)}`}${speed}`);
    },
    done: line.done,
  };
}
