import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evict } from '../../../../src/node/cache/evict.ts';
import { folderWith } from '../folder.ts';

const NOW = Date.UTC(2026, 0, 2);
const HOUR = 60 * 60 * 1000;

function entries(ages: Readonly<Record<string, number>>): string {
  const files = Object.keys(ages).map((name) => [`${name}/weights.bin`, new Uint8Array(100)]);
  const folder = folderWith(Object.fromEntries(files));
  for (const [name, hours] of Object.entries(ages)) {
    const used = new Date(NOW - hours * HOUR);
    utimesSync(join(folder, name), used, used);
  }
  return folder;
}

describe('evict', () => {
  it('removes what was used longest ago until the rest fits', () => {
    const folder = entries({ a: 3, b: 1, c: 2, d: 4 });
    evict(folder, 250, NOW);
    expect(readdirSync(folder)).toEqual(['b', 'c']);
  });

  it('removes what was begun and left, and nothing that is being written', () => {
    const folder = entries({ a: 3, 'b.1234.partial': 2, 'c.5678.partial': 0 });
    evict(folder, 100, NOW);
    expect(readdirSync(folder)).toEqual(['a', 'c.5678.partial']);
  });
});
