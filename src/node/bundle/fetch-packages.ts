import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ResedgeError } from '../../errors.ts';

/** Patience with a registry that does not answer: a second try after a second. */
const RETRIES = {
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '1000',
} as const;
const MAX_OUTPUT = 2 ** 24;

const run = promisify(execFile);

/**
 * Fetches packages, whatever platform they are built for, from the npm registry that is configured here, into folders below `into` in
 * the given order, and returns these. npm checks what it gets against the registry's hashes. Throws `io`, saying what npm said.
 */
export async function fetchPackages(
  packages: readonly { readonly name: string; readonly version: string }[],
  into: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const [index, { name, version }] of packages.entries()) {
    const folder = join(into, String(index));
    mkdirSync(folder);
    await fetchPackage(`${name}@${version}`, folder, signal);
    folders.push(folder);
  }
  return folders;
}

async function fetchPackage(spec: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const place = mkdtempSync(`${folder}-`);
  const windows = process.platform === 'win32';
  try {
    await run('npm', ['pack', spec, '--loglevel=error'], {
      env: { ...RETRIES, ...process.env, npm_config_pack_destination: place },
      maxBuffer: MAX_OUTPUT,
      // Node starts npm.cmd by a shell alone; none of the arguments needs quotes.
      shell: windows,
      signal,
    });
    const [file] = readdirSync(place);
    if (file === undefined) throw new Error('npm pack wrote no file');
    await run('tar', ['-xzf', join(place, file), '-C', folder, '--strip-components=1'], { signal });
  } catch (error) {
    if (signal?.aborted) throw new ResedgeError('io', `stopped while ${spec} was fetched; nothing was left behind`);
    const mend =
      'connect this machine to the registry of "npm config get registry", or make the bundle on such a device';
    throw new ResedgeError('io', `expected ${spec} from the npm registry, ${reasonOf(error)}: ${mend}`, {
      cause: error,
    });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What npm said that tells most, without its prefix. */
function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  if (code === 'ENOENT') return 'npm or tar is not installed here';
  const lines = (stderr ?? '')
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !/^(code|errno|syscall|A complete log|path) /.test(line));
  return (lines[0] ?? message.split('\n')[0]!).replace(/[.:]$/, '');
}
