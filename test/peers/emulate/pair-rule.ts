import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Machine, peersFolder } from './machine.ts';
import { type ModelTensor, runModel } from './run-model.ts';

/** One case of `python/pair_rule.py`: how many accumulators it has, and how many agree with either arithmetic. */
export type PairCase = {
  readonly name: string;
  readonly accumulators: number;
  /** Products added in int16 pairs that saturate. */
  readonly paired: number;
  /** Exact sums. */
  readonly exact: number;
};

type Case = {
  readonly name: string;
  readonly kind: 'convolution' | 'head';
  readonly dims: readonly number[];
  readonly x: readonly number[];
  readonly paired: readonly number[];
  readonly exact: readonly number[];
};

/** The element that a convolution's output has where its accumulator is the one expected. */
const target = 100;

/** Runs the cases of `python/pair_rule.py` on a machine and counts which arithmetic each accumulator follows. */
export async function countPairs(machine: Machine): Promise<readonly PairCase[]> {
  const folder = await mkdtemp(join(tmpdir(), 'resedge-pairs-'));
  try {
    const script = join(import.meta.dirname, '../python/pair_rule.py');
    await promisify(execFile)(join(peersFolder, 'venv/bin/python3'), [script, folder]);
    const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as readonly Case[];
    const feeds: Record<string, ModelTensor> = {};
    for (const { name, dims, x } of cases) feeds[name] = { type: 'uint8', dims, data: Uint8Array.from(x) };
    const outputs = await runModel(machine, { model: join(folder, 'model.onnx'), feeds });
    return cases.map((item) => count(item, outputs));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function count(item: Case, outputs: Readonly<Record<string, ModelTensor>>): PairCase {
  const matches = (kind: 'paired' | 'exact'): number => {
    if (item.kind === 'head') {
      const seen = outputs[`${item.name}/float`]!.data;
      return item[kind].filter((expected, index) => seen[index] === expected).length;
    }
    return outputs[`${item.name}/${kind}`]!.data.filter((element) => element === target).length;
  };
  return { name: item.name, accumulators: item.exact.length, paired: matches('paired'), exact: matches('exact') };
}
