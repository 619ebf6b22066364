import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from '../../../src/node/write-whole.ts';
import { fidelity } from '../../../src/tensor/fidelity.ts';
import type { Machine } from '../../peers/emulate/machine.ts';
import { runModel } from '../../peers/emulate/run-model.ts';
import { LABELS, type Pictures } from './cifar.ts';
import { workPath } from './folders.ts';

/** Pictures in one inference. */
const BATCH = 50;

export type ModelFile = { readonly path: string; readonly input: keyof Pictures };

/**
 * A model's logits on a machine, [N, classes] in the order of the pictures. They are kept by the bytes of model and pictures:
 * asked for again, they cost nothing.
 */
export async function logitsOf(
  { path, input }: ModelFile,
  machine: Machine,
  pictures: Pictures,
): Promise<Float32Array> {
  const feed = pictures[input];
  const key = createHash('sha256').update(readFileSync(path)).update(feed.data).update(machine.command.join(' '));
  const kept = workPath(`logits-${key.digest('hex').slice(0, 24)}.f32`);
  if (existsSync(kept)) return new Float32Array(Uint8Array.from(readFileSync(kept)).buffer);
  const [output] = Object.values(await runModel(machine, { model: path, feeds: { input: feed }, batch: BATCH }));
  if (!(output?.data instanceof Float32Array)) throw new Error(`expected float32 logits from ${path}`);
  writeWhole(kept, [new Uint8Array(output.data.buffer)]);
  return output.data;
}

/** The logits of one picture. */
export function logitsAt(logits: Float32Array, picture: number): Float32Array {
  return logits.subarray(picture * LABELS.length, (picture + 1) * LABELS.length);
}

/** How near logits are to others of the same pictures. */
export function compareLogits(
  reference: Float32Array,
  found: Float32Array,
): { readonly sqnrDb: number; readonly agreement: number } {
  const near = fidelity();
  for (let i = 0; i < found.length / LABELS.length; i++) near.add(logitsAt(reference, i), logitsAt(found, i));
  return { sqnrDb: near.sqnrDb(), agreement: near.agreement() };
}
