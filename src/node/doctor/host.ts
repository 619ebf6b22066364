import { execFile } from 'node:child_process';
import { type Tree, treeAt } from '../device/tree.ts';

/** What the doctor looks at: a machine's files and programs, and the Node that runs here. */
export type DoctorHost = {
  readonly tree: Tree;
  readonly platform: string;
  readonly arch: string;
  readonly node: string;
  /** The version of glibc that Node runs on; undefined elsewhere, as under musl. */
  readonly glibc: string | undefined;
  /** What a program prints, both streams together; undefined where it is not there, fails or takes long. */
  readonly run: (program: string, args: readonly string[]) => Promise<string | undefined>;
};

const TIME_LIMIT = 5000;
const MAX_OUTPUT = 2 ** 20;

export function thisHost(): DoctorHost {
  return {
    tree: treeAt('/'),
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    glibc: glibcVersion(),
    run,
  };
}

function glibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const { header } = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

function run(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TIME_LIMIT, maxBuffer: MAX_OUTPUT }, (error, stdout, stderr) => {
      resolve(error === null ? `${stdout}${stderr}` : undefined);
    });
  });
}
