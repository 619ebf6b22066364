import { join } from 'node:path';
import type { ReportData, Times } from '../../../converter/report/data.ts';
import { inTemporaryFolder } from '../backend/model-files.ts';
import { readMachine } from '../device/machine.ts';
import { writeWhole } from '../write-whole.ts';
import { bench } from './bench.ts';
import type { Price } from './converted-file.ts';
import { openModel } from './open-model.ts';

/** Models take turns, and the fastest turn of each counts: whatever else the machine does slows single ones. */
const TURNS = 3;
const RUNS = 40;

export type Measured = { readonly latency: NonNullable<ReportData['latency']>; readonly floatBytes: number };

/** Times the FP32 model beside the INT8 model at `int8`. */
export async function measureBoth(float: Iterable<Uint8Array>, int8: string): Promise<Measured> {
  const { bytes, written, standing } = await takeTurns(float, int8);
  return { floatBytes: bytes, latency: { where: standing.where, float: written.ms, int8: standing.ms } };
}

/** Times a model without anything kept in higher precision beside the one at `mixed`, which has `mixedBytes`. */
export async function measurePrice(plain: Iterable<Uint8Array>, mixed: string, mixedBytes: number): Promise<Price> {
  const { bytes, written, standing } = await takeTurns(plain, mixed);
  return { where: standing.where, plain: { bytes, ms: written.ms }, mixed: { bytes: mixedBytes, ms: standing.ms } };
}

/** Times a model that is written to a temporary file for it and the one at `path`, turn by turn. */
function takeTurns(
  model: Iterable<Uint8Array>,
  path: string,
): Promise<{ readonly bytes: number; readonly written: Turn; readonly standing: Turn }> {
  return inTemporaryFolder(async (folder) => {
    const temporary = join(folder, 'model.onnx');
    const bytes = writeWhole(temporary, model);
    let written = await timesOf(temporary);
    let standing = await timesOf(path);
    for (let turn = 1; turn < TURNS; turn++) {
      written = faster(written, await timesOf(temporary));
      standing = faster(standing, await timesOf(path));
    }
    return { bytes, written, standing };
  });
}

type Turn = { readonly ms: Times; readonly where: string };

function faster(a: Turn, b: Turn): Turn {
  return b.ms.p50 < a.ms.p50 ? b : a;
}

async function timesOf(path: string): Promise<Turn> {
  const model = await openModel(path);
  try {
    const { ms } = await bench(model, RUNS);
    const machine = readMachine();
    const threads = model.threads === 0 ? '' : `, ${model.threads} ${model.threads === 1 ? 'thread' : 'threads'}`;
    return { ms, where: `${machine.model}, provider ${model.choice.provider}${threads}` };
  } finally {
    await model.session.close();
  }
}
