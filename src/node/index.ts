export * from '../index.ts';
export { nativeBackend } from './backend/native.ts';
export { runModel } from './backend/runner.ts';
export { wasmBackend } from './backend/wasm.ts';
export { detectDevice } from './device/detect.ts';
export { readPicture } from './image/read-picture.ts';
export { classify } from './model/classify.ts';
export { type ConvertedFile, type ConvertFileOptions, convertFile } from './model/convert-file.ts';
export { type OpenedModel, type OpenModelOptions, openModel } from './model/open-model.ts';
