import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { isResedgeError } from '../../../../src/errors.ts';
import { type Json, tfjsFiles, tfjsNetwork } from './sources.ts';

const RUNS = Number(process.env['RESEDGE_FUZZ_RUNS'] ?? 60);

/** What comes in the place of a part of a model's JSON. */
const ODD: readonly Json[] = [
  ...[null, true, -1, 0, 0.5, 3, 1e9, 2 ** 53, '', '-1', '7', 'U0FNRQ==', 'Conv2D', 'Mean', 'Shape', '^', ':1'],
  ...[[], {}, [0], [-1, 1e9], [['a', 0, 0]], { s: 'VkFMSUQ=' }, { i: '99999' }, { list: { i: ['0', '-1'] } }],
];

type Place = { readonly owner: Json; readonly key: string };

/** Every part of a value that could be another one. */
function placesIn(value: Json): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [{ owner: value, key }, ...placesIn(value[key])]);
}

/** Puts odd values, or other parts of the same JSON, in some places. */
function mutated(json: Json, changes: readonly (readonly [at: number, what: number])[]): Json {
  const copy = structuredClone(json);
  for (const [at, what] of changes) {
    const places = placesIn(copy);
    const { owner, key } = places[at % places.length]!;
    const other = places[what % places.length]!;
    const own = structuredClone(other.owner[other.key]);
    owner[key] = what % 2 === 0 ? ODD[what % ODD.length] : own;
  }
  return copy;
}

const whole = fc.nat(2 ** 30);
const changes = fc.array(fc.tuple(whole, whole), { minLength: 1, maxLength: 3 });

test.each(['plain', 'fused.uint8', 'mobile', 'resnet.uint8'])(
  'a damaged %s is read, or refused in one line',
  (name) => {
    const { json, shards } = tfjsFiles(name);
    let refused = 0;
    for (const change of fc.sample(changes, { numRuns: RUNS, seed: Number(process.env['RESEDGE_FUZZ_SEED'] ?? 7) })) {
      const damaged = mutated(json, change);
      try {
        const network = tfjsNetwork({ json: damaged, shards: { ...shards, '7': new Uint8Array() } });
        applyPasses(network.build(network.preprocessing.inputSize), FOLD);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('no shard')) continue;
        if (!isResedgeError(error) || error.code === 'internal') throw error;
        expect(error.message).not.toContain('\n');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  },
);
