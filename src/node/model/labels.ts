import { ResedgeError } from '../../errors.ts';
import { readText } from '../files.ts';

export type Labels = { readonly labels: readonly string[]; readonly labelIds?: readonly string[] };

const WORDNET_ID = /^n\d{8}$/;

/**
 * Reads class names from a file: one a line, a JSON array of names, or a JSON object from index to name or to [WordNet id, name]. In
 * lines, a WordNet id may stand before the name. Throws `input` where the count is not `classes`.
 */
export function readLabels(path: string, classes: number): Labels {
  const text = readText(path, 'a file of labels');
  const entries = /^\s*[[{]/.test(text) ? jsonEntries(path, text) : lineEntries(text);
  if (entries.length !== classes) {
    throw new ResedgeError('input', `${path}: expected ${classes} labels, one for each class, found ${entries.length}`);
  }
  const labels = entries.map((entry) => entry.name);
  const ids = entries.flatMap((entry) => (entry.id === undefined ? [] : [entry.id]));
  return ids.length === classes ? { labels, labelIds: ids } : { labels };
}

const numbered = (index: number): string => `class ${index}`;

/** Names for a model whose user gave none. */
export function numberedLabels(classes: number): Labels {
  return { labels: Array.from({ length: classes }, (_, index) => numbered(index)) };
}

/** True for labels that say no more than their index. */
export function isNumbered(labels: readonly string[]): boolean {
  return labels.every((label, index) => label === numbered(index));
}

type Entry = { readonly name: string; readonly id?: string };

function lineEntries(text: string): readonly Entry[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => {
    const [id = '', ...rest] = line.split(/[\s,]+/);
    const name = line.slice(id.length).replace(/^[\s,]+/, '');
    return WORDNET_ID.test(id) ? { id, name: rest.length > 0 ? name : id } : { name: line };
  });
}

function jsonEntries(path: string, text: string): readonly Entry[] {
  const fail = (what: string): never => {
    throw new ResedgeError('input', `${path}: expected a JSON array of names or an object from index to name, ${what}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return fail(`it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  const entryOf = (value: unknown): Entry => {
    if (typeof value === 'string') return { name: value };
    const [id, name] = Array.isArray(value) && value.length === 2 ? value : [];
    if (typeof id === 'string' && typeof name === 'string') {
      return WORDNET_ID.test(id) ? { id, name } : { name };
    }
    return fail(`found ${JSON.stringify(value)?.slice(0, 60)}`);
  };
  if (Array.isArray(json)) return json.map(entryOf);
  const table = new Map(Object.entries(json as object));
  return Array.from({ length: table.size }, (_, index) => {
    const value = table.get(String(index));
    return value === undefined ? fail(`found no index ${index}`) : entryOf(value);
  });
}
