import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeras } from '../../../converter/keras-network.ts';
import type { Network } from '../../../converter/network.ts';
import { applyPasses, FOLD } from '../../../converter/passes/index.ts';
import { isResedgeError } from '../../../src/errors.ts';
import { hdf5Of, readHdf5 } from '../../../src/node/formats/hdf5.ts';
import { readTree } from '../../../src/node/formats/hdf5-tree.ts';
import { looksLikeKeras, readKerasFile } from '../../../src/node/formats/keras.ts';
import { openNetwork } from '../../../src/node/model/open-network.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';
import type { Job, Outcome } from './outcome.ts';

/** How long the product's reader of HDF5 waits for its thread here. */
const PATIENCE_MS = 5000;
/** For a quantized graph, which is fed as its source does not say. */
const RAW: Preprocessing = {
  ...{ input: 'raw' as const, layout: 'nhwc' as const, channels: 'rgb' as const, interpolation: 'bilinear' as const },
  ...{ resize: 256, inputSize: 224, scale: 255, mean: [0, 0, 0], std: [1, 1, 1] },
};
/** A message says what is wrong: it does not repeat the file. */
const LONGEST_MESSAGE = 4096;
const UNKNOWN_HASH = '0'.repeat(64);

const [folder = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
process.on('message', async (job: Job) => process.send?.(await outcomeOf(job)));

async function outcomeOf(job: Job): Promise<Outcome> {
  for (const [name, bytes] of Object.entries(job.files)) writeFileSync(join(folder, name), bytes);
  const before = process.cpuUsage();
  const became = await read(job);
  const { user, system } = process.cpuUsage(before);
  for (const name of Object.keys(job.files)) rmSync(join(folder, name));
  return { ...became, cpuMs: (user + system) / 1000, peakRss: process.resourceUsage().maxRSS * 1024 };
}

async function read(job: Job): Promise<Pick<Outcome, 'kind' | 'message'>> {
  try {
    const network = await open(job);
    const { inputSize } = network.preprocessing;
    applyPasses(network.build(inputSize), FOLD);
    network.quantized?.({ ...RAW, ...network.preprocessing, input: 'raw' });
    return { kind: 'accepted', message: network.description };
  } catch (error) {
    const good = isResedgeError(error) && error.code !== 'internal' && error.code !== 'unavailable';
    if (!good) return { kind: 'finding', message: String(error instanceof Error ? error.stack : error) };
    const { message, code } = error;
    const clear = message.length <= LONGEST_MESSAGE && !/[\r\n]|\[object /.test(message);
    return { kind: clear ? 'refused' : 'finding', message: `${code}: ${message}` };
  }
}

async function open({ model, files, door }: Job): Promise<Network> {
  const bytes = files[model]!;
  if (!looksLikeKeras(model, bytes)) return await openNetwork(join(folder, model), bytes, UNKNOWN_HASH, 'auto');
  return readKeras(
    await readKerasFile(bytes, async (file) => {
      return door === 'quick' ? hdf5Of(await readTree(file)) : await readHdf5(file, PATIENCE_MS);
    }),
  );
}
