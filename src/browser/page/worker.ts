import { oneLine } from '../../runtime/explain.ts';
import { classify } from '../classify.ts';
import { fetchModel } from '../fetch-model.ts';
import { isResedgeError, ResedgeError } from '../index.ts';
import { type OpenedModel, type OpenModelOptions, openModel } from '../open-model.ts';
import type { Teacher } from '../teacher.ts';
import type { FromWorker, Opened, OpenWhat, Request, Results, ToWorker } from './protocol.ts';

/** ONNX Runtime's files, beside the worker's script. */
const ORT_FOLDER = new URL('ort/', location.href);

let current: OpenedModel | undefined;
let teacher: Teacher | undefined;

function open(): OpenedModel {
  if (current !== undefined) return current;
  throw new ResedgeError('internal', 'expected an opened model, there is none yet');
}

function optionsOf({ provider, threads, deviceType }: OpenWhat): OpenModelOptions {
  return { wasmPaths: ORT_FOLDER, providers: [provider], threads, deviceType };
}

async function replace(source: URL | Uint8Array, what: OpenWhat): Promise<Opened> {
  const model = await openModel(source, optionsOf(what));
  const before = current;
  current = model;
  await before?.session.close();
  const { metadata, session, warnings } = model;
  const { backend, inputs, outputs, loadMs } = session;
  return { backend, inputs, outputs, loadMs, provider: what.provider, metadata, threads: model.threads, warnings };
}

const addressOf = ({ path }: OpenWhat): URL => new URL(path, location.href);

function teaching(): Teacher {
  if (teacher !== undefined) return teacher;
  throw new ResedgeError('internal', 'expected a model to teach, there is none yet');
}

/** The code for it is fetched when it is needed. */
async function prepare(what: OpenWhat): Promise<undefined> {
  const { openTeacher } = await import('../teacher.ts');
  const { bytes } = await fetchModel(addressOf(what));
  // The files of models are named for their hashes.
  const next = await openTeacher(bytes, what.path.replace(/^.*\/|\.onnx$/g, ''), optionsOf(what));
  await teacher?.close();
  teacher = next;
}

async function features(picture: Blob | ImageBitmap): Promise<Float32Array> {
  try {
    return await teaching().featuresOf(picture);
  } finally {
    if (picture instanceof ImageBitmap) picture.close();
  }
}

async function answer(request: Request): Promise<Results[keyof Results]> {
  if (request.kind === 'open') return await replace(addressOf(request), request);
  if (request.kind === 'prepare') return await prepare(request.what);
  if (request.kind === 'features') return await features(request.picture);
  if (request.kind === 'teach') {
    const { bytes, accuracy } = teaching().teach(request.classes);
    return { opened: await replace(bytes, request.what), bytes: Uint8Array.from(bytes), accuracy };
  }
  if (request.kind === 'run') return await open().session.run(request.feeds, request.outputs);
  return await classify(open(), request.picture, request.top);
}

addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
  const { id, request } = data;
  let reply: FromWorker;
  try {
    reply = { kind: 'done', id, result: await answer(request) };
  } catch (error) {
    const fault = isResedgeError(error)
      ? { code: error.code, message: error.message }
      : { code: 'internal' as const, message: oneLine(error) };
    reply = { kind: 'failed', id, fault };
  }
  postMessage(reply);
});
