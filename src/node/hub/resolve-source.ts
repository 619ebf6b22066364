import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { chooseWeights } from './choose-weights.ts';
import { hubSource } from './source.ts';
import type { OnProgress } from './types.ts';

/** A source as a file on this machine. */
export type ResolvedSource = {
  /** The weights or the model. */
  readonly path: string;
  /** True where it came from a hub, now or earlier. */
  readonly pulled: boolean;
};

/**
 * The file that a path, a folder of a file of weights and its descriptions, or a hub's name stands for; a hub's file is pulled first. A
 * path that exists is a path. What is neither comes back as it is. Throws what pulling throws.
 */
export async function resolveSource(
  text: string,
  options: { readonly offline?: boolean; readonly onProgress?: OnProgress } = {},
): Promise<ResolvedSource> {
  if (existsSync(text)) return { path: fileIn(text), pulled: false };
  const source = hubSource(text);
  if (source === undefined) return { path: text, pulled: false };
  const { pull } = await import('./pull.ts');
  const { weights } = await pull(source, options);
  return { path: weights, pulled: true };
}

/** The file of weights or the model that a folder is about; a file stands for itself. */
export function fileIn(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return join(path, chooseWeights(path, files.map((entry) => entry.name).sort()));
}
