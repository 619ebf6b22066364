/**
 * How ONNX Runtime runs training graphs best (measured: test/bench/train-step.ts). `all` lays out what runs forward only in blocks of
 * channels; memory kept from run to run saves fresh pages, since every run is alike; threads that spin would take the processor from
 * what prepares the next batch.
 */
export const TRAINING_RUN: {
  readonly optimize: true;
  readonly level: 'all';
  readonly arena: true;
  readonly spinning: false;
} = { optimize: true, level: 'all', arena: true, spinning: false };
