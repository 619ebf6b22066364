import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workPath } from '../common/folders.ts';
import { say } from '../common/report.ts';
import { mutant } from './mutate.ts';
import type { Outcome } from './outcome.ts';
import { type Reader, startReader } from './reader.ts';
import { type Format, SOURCES, type Source } from './seeds.ts';

/** What reading a model may add to a process that has read others: as much, and for each byte of its files. */
const MOST_BYTES = 192e6;
const MOST_PER_BYTE = 128;
/** CPU time, and time on a machine that others use, for a file below a megabyte. */
const MOST_CPU_MS = 5000;
const PATIENCE_MS = 8000;
/** For a look in peace: the start of a process, and a thread that is stopped. */
const SLOW_PATIENCE_MS = 60_000;
/** A process takes the state of the HDF5 library from file to file: not for long. */
const FILES_PER_PROCESS = 1500;

export type Tally = {
  readonly format: Format;
  tried: number;
  accepted: number;
  refused: number;
  findings: number;
  /** Files that the HDF5 library did not come to an end with, or not within bounds, which the product ends in one line. */
  stopped: number;
  slowest: { readonly ms: number; readonly index: number };
  peakRss: number;
};

/** Reads damaged models of a format until the time is over. */
export async function campaign(format: Format, seed: number, from: number, minutes: number): Promise<Tally> {
  const sources = SOURCES[format]();
  const tally: Tally = {
    ...{ format, tried: 0, accepted: 0, refused: 0, findings: 0, stopped: 0, peakRss: 0 },
    slowest: { ms: 0, index: from },
  };
  const until = performance.now() + minutes * 60_000;
  let reader: Reader | undefined;
  let [left, calm] = [0, 0];
  for (let index = from; performance.now() < until; index++) {
    if (reader === undefined || left === 0) {
      reader?.end();
      reader = startReader();
      left = FILES_PER_PROCESS;
      calm = (await warm(reader, sources)).peakRss;
    }
    left--;
    const damaged = mutant(sources, seed, index);
    let outcome = await reader.read({ ...damaged, door: 'quick' }, PATIENCE_MS);
    if (isBad(outcome, calm, damaged)) {
      reader.end();
      reader = undefined;
      outcome = await lookAgain(damaged, sources);
      if (outcome.kind === 'finding') keep(`${format}-${seed}-${index}`, damaged, outcome);
      else tally.stopped++;
    } else if (outcome.cpuMs > tally.slowest.ms) tally.slowest = { ms: outcome.cpuMs, index };
    tally.tried++;
    tally[outcome.kind === 'finding' ? 'findings' : outcome.kind]++;
    tally.peakRss = Math.max(tally.peakRss, outcome.peakRss);
  }
  reader?.end();
  return tally;
}

/** Reads all whole models: code and buffers are there afterwards. Throws where one is a finding. */
async function warm(reader: Reader, sources: readonly Source[]): Promise<Outcome> {
  let last: Outcome | undefined;
  for (const source of sources) {
    last = await reader.read({ ...source, door: 'quick' }, SLOW_PATIENCE_MS);
    if (last.kind === 'finding') throw new Error(`expected ${source.model} to be read, ${last.message}`);
  }
  return last!;
}

/** Alone in a new process and as the product reads. */
async function lookAgain(damaged: Source, sources: readonly Source[]): Promise<Outcome> {
  const reader = startReader();
  const calm = await warm(reader, sources);
  const outcome = await reader.read({ ...damaged, door: 'product' }, SLOW_PATIENCE_MS);
  reader.end();
  if (outcome.kind === 'finding' || !isBad(outcome, calm.peakRss, damaged)) return outcome;
  const grown = Math.round((outcome.peakRss - calm.peakRss) / 1e6);
  return { ...outcome, kind: 'finding', message: `${grown} MB, ${Math.round(outcome.cpuMs)} ms: ${outcome.message}` };
}

function isBad({ kind, cpuMs, peakRss }: Outcome, calm: number, { files }: Source): boolean {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.length, 0);
  return kind === 'finding' || cpuMs > MOST_CPU_MS || peakRss - calm > MOST_BYTES + MOST_PER_BYTE * bytes;
}

function keep(name: string, { files }: Source, { message }: Outcome): void {
  const folder = workPath(join('fuzz', name));
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  writeFileSync(join(folder, 'finding.txt'), `${message}\n`);
  say(`finding in ${folder}: ${message.split('\n').slice(0, 3).join(' ')}`);
}
