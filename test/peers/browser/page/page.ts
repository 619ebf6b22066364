import { isResedgeError, openModel, readPicture } from 'resedge';
import { answers, answersOfWorker } from './answers.ts';
import { conversion } from './conversion.ts';
import { seen, seenAsEveryForm, seenInBands, unreadable } from './pictures.ts';
import { echoes, logitsOf, manners, openSession } from './sessions.ts';

/** `code: message` of the error of this project that an action throws. */
async function failure(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'nothing was thrown';
  } catch (error) {
    return isResedgeError(error) ? `${error.code}: ${error.message}` : `not ours: ${String(error)}`;
  }
}

/** What the test calls by name. */
const peer = {
  answers,
  answersOfWorker,
  conversion,
  echoes,
  logitsOf,
  manners,
  seen,
  seenAsEveryForm,
  seenInBands,
  refusedModel: (source: string, wasmPaths?: string) =>
    failure(() => openModel(source, wasmPaths === undefined ? {} : { wasmPaths })),
  refusedBytes: (text: string) => failure(() => openModel(new File([text], 'model.onnx'))),
  refusedPicture: (kind: Parameters<typeof unreadable>[0], foreign: string) =>
    failure(async () => readPicture(await unreadable(kind, foreign), { inputSize: 8, resize: 8 })),
  refusedProvider: (model: string, wasmPaths: string) =>
    failure(() => openSession(model, wasmPaths, { provider: 'webnn' })),
};

Object.assign(globalThis, { peer });
