#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { isResedgeError } from '../errors.ts';
import { packageProducer } from '../node/package.ts';
import { addBench } from './bench.ts';
import { addClassify } from './classify.ts';
import { addConvert } from './convert.ts';
import { addDemo } from './demo.ts';
import { addDevices } from './devices.ts';
import { addEvaluate } from './evaluate.ts';
import { addInspect } from './inspect.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

const { version } = packageProducer();
const program = new Command('resedge')
  .description('ResNets on edge devices: convert trained weights to INT8 ONNX, and classify pictures with them.')
  .version(version)
  .option('--debug', 'show stack traces')
  .showHelpAfterError('(resedge --help shows the commands, resedge <command> --help its options)')
  .exitOverride();
for (const add of [addConvert, addClassify, addEvaluate, addBench, addInspect, addDevices, addDemo]) {
  add(program).exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong on one line of stderr; returns the exit code. */
function report(error: unknown): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
  const debug = program.opts<{ debug?: boolean }>().debug === true;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`resedge: ${isResedgeError(error) ? message : `unexpected: ${message}`}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isResedgeError(error, 'usage') ? WRONG_USAGE : FAILED;
}
