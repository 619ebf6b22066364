import { type Command, Option } from 'commander';
import type { Bundle } from '../node/bundle/bundle.ts';
import type { Libc } from '../node/bundle/target.ts';
import { byteSize, fields, note, print, progress } from './print.ts';
import { untilStopped } from './stop.ts';

type Flags = {
  readonly device: string;
  readonly model: string;
  readonly output: string;
  readonly libc: Libc;
  readonly docker?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
};

export function addBundle(program: Command): Command {
  return program
    .command('bundle')
    .description('make the smallest folder that runs a model on a device: one platform, no converter')
    .requiredOption('--device <profile>', 'the device, by its id or as a .json file of your own')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert')
    .requiredOption('-o, --output <folder>', 'the folder to make')
    .option('--docker', 'with a Dockerfile instead of a systemd unit')
    .addOption(
      new Option('--libc <name>', "the device's C library, on Linux")
        .choices(['glibc', 'musl'] satisfies Libc[])
        .default('glibc'),
    )
    .option('--force', 'replace a folder that is there, with all that it holds')
    .option('--json', 'print JSON and nothing else')
    .action(runBundle);
}

async function runBundle(flags: Flags): Promise<void> {
  const { bundle } = await import('../node/bundle/bundle.ts');
  const { device, model, output, libc, docker = false, force = false } = flags;
  const line = progress();
  const stop = untilStopped();
  const made = await bundle({
    ...{ device, model, output, libc, docker, force },
    signal: stop.signal,
    onProgress: line.show,
  }).finally(() => {
    line.done();
    stop.end();
  });
  for (const warning of made.warnings) note(warning);
  print(flags.json ? JSON.stringify(summary(made, output)) : describe(made, output));
}

function summary({ target, parts, bytes, commands }: Bundle, folder: string): Record<string, unknown> {
  const { profile, platform, arch, libc, runtime } = target;
  return {
    ...{ folder, bytes, device: profile.id, platform, arch },
    ...(platform === 'linux' ? { libc } : {}),
    runtime: runtime.kind,
    ...(runtime.kind === 'wasm' ? { why: runtime.why } : {}),
    ...{ parts, commands },
  };
}

function describe({ target, parts, bytes, commands }: Bundle, folder: string): string {
  const { profile, platform, arch, libc } = target;
  const system = platform === 'linux' ? `${platform} ${arch}, ${libc}` : `${platform} ${arch}`;
  const rows: readonly (readonly [string, string])[] = [
    ['device', `${profile.name}: ${system}`],
    ...parts.map(({ name, what, bytes: size }) => [name, `${what}, ${byteSize(size)}`] as const),
    ['folder', `${folder}, ${byteSize(bytes)}`],
  ];
  const [copy, tryIt, keep] = commands;
  return `${fields(rows)}\n\n${fields([
    ['copy', copy],
    ['try', tryIt],
    ['keep', keep],
  ])}`;
}
