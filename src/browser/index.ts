export * from '../index.ts';
export { classify } from './classify.ts';
export type { ModelInput } from './fetch-model.ts';
export { type OpenedModel, type OpenModelOptions, openModel } from './open-model.ts';
export { type Picture, readPicture } from './read-picture.ts';
export { createModelRunner } from './runner.ts';
export type { WasmSettings } from './start-wasm.ts';
export { createWasmBackend } from './wasm.ts';
