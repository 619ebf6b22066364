import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, runScript } from './machine.ts';

const constructors = {
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  float32: Float32Array,
} as const;

/** Element types that {@link runModel} passes and returns. */
export type ElementType = keyof typeof constructors;

/** A tensor of one model's input or output; `data` is in row-major order. */
export type ModelTensor = {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: InstanceType<(typeof constructors)[ElementType]>;
};

export type ModelRun = {
  /** The ONNX file's path. */
  readonly model: string;
  /** By input name. */
  readonly feeds: Readonly<Record<string, ModelTensor>>;
  /** At most this many of the feeds' first dimension at a time; the outputs are joined again. Default: all at once. */
  readonly batch?: number;
  /** ONNX Runtime's threads, default 2. */
  readonly threads?: number;
};

/** Runs an ONNX file through onnxruntime-node on a machine, in a process of its own, and returns the outputs by name. */
export async function runModel(machine: Machine, run: ModelRun): Promise<Readonly<Record<string, ModelTensor>>> {
  const folder = await mkdtemp(join(tmpdir(), 'resedge-run-'));
  try {
    const feeds = Object.entries(run.feeds).map(([name, { type, dims, data }], index) => {
      return { name, type, dims, data, file: `feed-${index}.raw` };
    });
    for (const { file, data } of feeds) {
      await writeFile(join(folder, file), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    const request = {
      model: run.model,
      packages: machine.packages,
      threads: run.threads ?? 2,
      batch: run.batch,
      feeds: feeds.map(({ name, type, dims, file }) => ({ name, type, dims, file })),
    };
    await writeFile(join(folder, 'request.json'), JSON.stringify(request));
    await runScript(machine, join(import.meta.dirname, 'run-model.mjs'), [folder]);
    return await readOutputs(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Response = {
  readonly outputs: readonly {
    readonly name: string;
    readonly type: ElementType;
    readonly dims: readonly number[];
    readonly file: string;
  }[];
};

async function readOutputs(folder: string): Promise<Readonly<Record<string, ModelTensor>>> {
  const { outputs } = JSON.parse(await readFile(join(folder, 'response.json'), 'utf8')) as Response;
  const tensors: Record<string, ModelTensor> = {};
  for (const { name, type, dims, file } of outputs) {
    const bytes = Uint8Array.from(await readFile(join(folder, file)));
    tensors[name] = { type, dims, data: new constructors[type](bytes.buffer) };
  }
  return tensors;
}
