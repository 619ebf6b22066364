export type { Calibration } from './calibrate.ts';
export { type Conversion, type ConvertOptions, convert, type Stage } from './convert.ts';
export { type Network, readNetwork } from './network.ts';
export type { RangeMethod } from './quantize/range.ts';
export { CORRECTION_NAMES, CORRECTIONS, type Correction, type Recipe } from './quantize/recipe.ts';
export { SCHEMES, type Scheme, type SchemeName, schemeNamed } from './quantize/scheme.ts';
export { formatTable, parseTable, type Table } from './quantize/table.ts';
export { type Architecture, defaultInputSize, describe } from './resnet/architecture.ts';
export type { ModelRunner, RunningModel, RunOptions } from './runner.ts';
