// The public surface that Node and the browser share.
export { type ErrorCode, isResedgeError, ResedgeError } from './errors.ts';
export { crop } from './image/crop.ts';
export type { Pixels } from './image/pixels.ts';
export { resizeAndCrop } from './image/resize-and-crop.ts';
export { allocateInput, type InputTensor, toInput } from './image/to-input.ts';
export { readHeader } from './onnx/header.ts';
export { decodeMetadata, type ModelMetadata } from './onnx/metadata.ts';
export type { Classified, ClassifyTimes } from './pipeline/classify.ts';
export { type AnswerOptions, type Guess, guesses } from './runtime/answer.ts';
export { type OpenCandidate, type OpenChoice, openSession } from './runtime/open.ts';
export { type Scores, scoresOf } from './runtime/scores.ts';
export { softmax } from './runtime/softmax.ts';
export { topK } from './runtime/top-k.ts';
export type { Backend, Feeds, ModelSource, Provider, RunResult, Session, SessionOptions } from './runtime/types.ts';
export type { DType } from './tensor/dtype.ts';
export type { Preprocessing } from './tensor/preprocessing.ts';
export type { Tensor } from './tensor/tensor.ts';
