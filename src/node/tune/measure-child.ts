import { isResedgeError } from '../../errors.ts';
import { identify } from '../../onnx/identify.ts';
import { oneLine } from '../../runtime/explain.ts';
import { scoresOf } from '../../runtime/scores.ts';
import type { Session } from '../../runtime/types.ts';
import { nativeBackend } from '../backend/native.ts';
import { wasmBackend } from '../backend/wasm.ts';
import { readBytes } from '../files.ts';
import { noiseInput } from '../model/noise-input.ts';
import { findMeter, watchEnergy } from './energy.ts';
import type { Measured, MeasureRequest } from './measure.ts';

const WARM_UP = 3;
const MIN_RUNS = 3;

// The argument is written by measure.ts.
const request: MeasureRequest = JSON.parse(process.argv[2] ?? '{}');

async function open(): Promise<Session> {
  const { path, backend, provider, threads, spinning, providerOptions, memoryBudgetMb } = request.way;
  const opener = backend === nativeBackend.name ? nativeBackend : wasmBackend;
  const common = { optimize: true, exactAccumulators: false } as const;
  return await opener.open(
    { kind: 'path', path },
    { ...common, provider, threads, spinning, providerOptions, memoryBudgetMb },
  );
}

async function measure(): Promise<Measured> {
  const { way, forMs } = request;
  const { preprocessing } = identify(way.path, readBytes(way.path, 'an ONNX model'));
  const input = noiseInput(preprocessing, way.batch);
  const session = await open();
  for (let i = 0; i < WARM_UP; i++) await scoresOf(session, input);
  const meter = findMeter();
  const watch = meter === undefined ? undefined : watchEnergy(meter);
  const times: number[] = [];
  const start = performance.now();
  while (times.length < MIN_RUNS || performance.now() - start < forMs) {
    times.push((await scoresOf(session, input)).ms);
  }
  const joules = watch?.end();
  await session.close();
  return { kind: 'times', ms: times, ...(joules === undefined ? {} : { joules }) };
}

function say(measured: Measured): Promise<void> {
  return new Promise((resolve) => process.send?.(measured, () => resolve()));
}

try {
  await say(await measure());
} catch (error) {
  await say({ kind: 'fault', absent: isResedgeError(error, 'unavailable'), reason: oneLine(error) });
}
process.disconnect?.();
