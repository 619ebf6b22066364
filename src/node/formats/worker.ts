import { parentPort, workerData } from 'node:worker_threads';
import { ResedgeError } from '../../errors.ts';
import { boundMemory } from './bound-memory.ts';
import type { Hdf5Answer } from './hdf5.ts';
import { mostMemory, readTree } from './hdf5-tree.ts';

boundMemory(mostMemory(workerData.length));

async function answer(): Promise<Hdf5Answer> {
  try {
    return { kind: 'tree', tree: await readTree(workerData) };
  } catch (error) {
    if (!(error instanceof ResedgeError)) throw error;
    return { kind: 'failed', code: error.code, message: error.message };
  }
}

const said = await answer();
const buffers = said.kind === 'tree' ? [...said.tree.arrays.values()].map(({ data }) => data.buffer) : [];
parentPort?.postMessage(said, buffers);
