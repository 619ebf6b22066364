import { readFileSync } from 'node:fs';

/** The package's folder, seen from the source or from the build, which lies one folder deeper. */
export const PACKAGE_FOLDER: URL = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url);

/** Name and version of this program, as its package states them. */
export function packageProducer(): { readonly name: string; readonly version: string } {
  const { name, version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_FOLDER), 'utf8'));
  return { name: String(name), version: String(version) };
}
