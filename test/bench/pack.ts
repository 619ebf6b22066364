import { ROOT } from './common/folders.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { megabytes } from './common/units.ts';

type Packed = {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { path: string; size: number }[];
};

const GOAL = 3e6;
const LARGEST = 3;

const { stdout } = await measure('npm', ['pack', ROOT, '--dry-run', '--json', '--ignore-scripts', '--silent']);
const [packed] = JSON.parse(stdout) as readonly Packed[];
if (!packed) throw new Error('expected one package from npm pack');
const largest = [...packed.files].sort((a, b) => b.size - a.size).slice(0, LARGEST);
report('the files that npm packs', [
  figure('installed', packed.unpackedSize, 'at most', GOAL, megabytes),
  figure('tarball', packed.size, 'at most', GOAL, megabytes),
  { name: 'files', measured: `${packed.files.length}` },
  ...largest.map(({ path, size }) => ({ name: path, measured: megabytes(size) })),
]);
