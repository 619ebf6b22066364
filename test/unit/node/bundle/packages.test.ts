import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { copyPackages, findPackage } from '../../../../src/node/bundle/packages.ts';
import { folderWith } from '../folder.ts';

const manifest = (version: string, dependencies: Readonly<Record<string, string>> = {}): string => {
  return JSON.stringify({ version, dependencies });
};

describe('packages are copied', () => {
  test('with what they depend on, each version where it is found, and without what does not run', () => {
    const project = folderWith({
      'package.json': '{}',
      'node_modules/one/package.json': manifest('1.0.0', { shared: '1', '@types/one': '1', deep: '1' }),
      'node_modules/one/index.js': 'one',
      'node_modules/one/index.d.ts': 'types',
      'node_modules/one/index.js.map': 'map',
      'node_modules/one/README.md': 'text',
      'node_modules/one/LICENSE.md': 'licence',
      'node_modules/one/test/some.js': 'test',
      'node_modules/shared/package.json': manifest('1.0.0'),
      'node_modules/deep/package.json': manifest('1.0.0', { shared: '2' }),
      'node_modules/deep/node_modules/shared/package.json': manifest('2.0.0'),
    });
    const target = folderWith();
    const bytes = copyPackages([findPackage('one', project)], target);
    const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));
    expect(files.filter((name) => !name.endsWith('package.json')).sort()).toEqual(['one/LICENSE.md', 'one/index.js']);
    expect(files.filter((name) => name.endsWith('package.json')).sort()).toEqual([
      'deep/node_modules/shared/package.json',
      'deep/package.json',
      'one/package.json',
      'shared/package.json',
    ]);
    expect(bytes.get('one')).toBeGreaterThan(10);
  });

  test('or found missing, with the command that installs them', () => {
    const project = folderWith({ 'package.json': '{}' });
    expect(() => findPackage('absent', project)).toThrow(
      'expected the package absent here to copy it: run npm install absent',
    );
  });
});
