#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { isResedgeError } from '../errors.ts';
import { packageProducer } from '../node/package.ts';
import { addBench } from './bench.ts';
import { addClassify } from './classify.ts';
import { addCompare } from './compare.ts';
import { addConvert } from './convert.ts';
import { addDemo } from './demo.ts';
import { addDevices } from './devices.ts';
import { addEvaluate } from './evaluate.ts';
import { addInspect } from './inspect.ts';
import { finishPrinting, isUnread, note } from './print.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

const { version } = packageProducer();
const program = new Command('resedge')
  .description('ResNets on edge devices: convert trained weights to INT8 ONNX, and classify pictures with them.')
  .version(version)
  .option('--debug', 'show stack traces')
  .configureOutput({ outputError: (message) => note(`${message.replace(/^error: /, '').trimEnd()} (see --help)`) })
  .exitOverride();
for (const add of [addConvert, addClassify, addEvaluate, addCompare, addBench, addInspect, addDevices, addDemo]) {
  add(program);
}

process.on('uncaughtException', (error) => process.exit(report(error)));
try {
  await program.parseAsync();
  await finishPrinting();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong on one line of stderr; returns the exit code. */
function report(error: unknown): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
  if (isUnread(error)) return DONE;
  const message = error instanceof Error ? error.message : String(error);
  note(isResedgeError(error) ? message : `unexpected: ${message}; --debug shows where`);
  const debug = program.opts<{ debug?: boolean }>().debug === true;
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isResedgeError(error, 'usage') ? WRONG_USAGE : FAILED;
}
