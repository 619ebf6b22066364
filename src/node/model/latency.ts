import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportData, Times } from '../../../converter/report/data.ts';
import { quickProfile } from '../device/quick-profile.ts';
import { writeWhole } from '../write-whole.ts';
import { bench } from './bench.ts';
import { openModel } from './open-model.ts';

/** Models take turns, and the fastest turn of each counts: whatever else the machine does slows single ones. */
const TURNS = 3;
const RUNS = 40;

export type Measured = { readonly latency: NonNullable<ReportData['latency']>; readonly floatBytes: number };

/** Times the FP32 model, written to a temporary file for it, and the INT8 model at `int8`, one after the other. */
export async function measureBoth(float: Iterable<Uint8Array>, int8: string): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'resedge-'));
  try {
    const path = join(folder, 'fp32.onnx');
    const floatBytes = writeWhole(path, float);
    let before = await timesOf(path);
    let after = await timesOf(int8);
    for (let turn = 1; turn < TURNS; turn++) {
      before = faster(before, await timesOf(path));
      after = faster(after, await timesOf(int8));
    }
    return { floatBytes, latency: { where: after.where, float: before.ms, int8: after.ms } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Turn = { readonly ms: Times; readonly where: string };

function faster(a: Turn, b: Turn): Turn {
  return b.ms.p50 < a.ms.p50 ? b : a;
}

async function timesOf(path: string): Promise<Turn> {
  const model = await openModel(path);
  try {
    const { ms } = await bench(model, RUNS);
    const { machine } = quickProfile();
    const threads = model.threads === 0 ? '' : `, ${model.threads} ${model.threads === 1 ? 'thread' : 'threads'}`;
    return { ms, where: `${machine.model}, provider ${model.choice.provider}${threads}` };
  } finally {
    await model.session.close();
  }
}
