import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ResedgeError } from '../../errors.ts';
import type { CameraEvent } from '../../pipeline/answers/events.ts';
import { reasonOf } from '../files.ts';
import type { Sink } from './types.ts';

export type CommandOptions = {
  readonly command: readonly [program: string, ...args: string[]];
  readonly limitMs: number;
};

type Child = ChildProcessByStdio<Writable, null, Readable>;

/** Why a system starts no program just now. */
const NO_ROOM: readonly string[] = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'];

/** The exit code by which a program asks for another try (sysexits.h, EX_TEMPFAIL). */
const TRY_AGAIN = 75;

/** Most characters kept of what a program says on standard error. */
const MAX_SAID = 2000;

/**
 * Runs a program for each event, without a shell and one at a time: the event is on its standard input as JSON and in variables
 * (RESEDGE_KIND, RESEDGE_LABEL, ...). Exit code 0 delivers it, 75 asks for another try, anything else and a run beyond the limit refuse it.
 */
export function openCommand({ command, limitMs }: CommandOptions): Sink<CameraEvent> {
  const [program, ...args] = command;
  let running: Child | undefined;
  return {
    name: program,
    deliver: async (event) => {
      const child = start(program, args, event);
      running = child;
      await ended(child, limitMs);
    },
    close: async () => {
      if (running !== undefined && running.exitCode === null && running.signalCode === null) end(running);
    },
  };
}

function start(program: string, args: readonly string[], event: CameraEvent): Child {
  const env = { ...process.env, ...variables(event) };
  try {
    // A group of its own: Ctrl-C does not reach it before it is done, and the limit ends its children too.
    const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
    // A program need not read what it is given.
    child.stdin.on('error', () => undefined).end(`${JSON.stringify(event)}\n`);
    return child;
  } catch (cause) {
    throw notStarted(cause);
  }
}

/** Waits for the program's end. Rejects unless that is exit code 0. */
function ended(child: Child, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end(child);
    }, limitMs);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MAX_SAID);
    });
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(notStarted(cause));
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      // What the program wrote last may still be on its way, and a child of it may hold the pipe for long.
      setImmediate(() => {
        child.stderr.destroy();
        if (code === 0) resolve();
        else reject(failure(late ? `ran longer than ${limitMs} ms` : `ended with ${signal ?? code}`, said, code));
      });
    });
  });
}

function notStarted(cause: unknown): ResedgeError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new ResedgeError(NO_ROOM.includes(code) ? 'unavailable' : 'input', `could not be run, ${reasonOf(cause)}`, {
    cause,
  });
}

function failure(what: string, said: string, code: number | null): ResedgeError {
  const last = said.trim().split('\n').at(-1);
  return new ResedgeError(code === TRY_AGAIN ? 'unavailable' : 'input', last ? `${what}: ${last}` : what);
}

function end({ pid }: Child): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

/** The fields of an event in capitals, without bytes that no variable can hold. */
function variables(event: CameraEvent): Readonly<Record<string, string>> {
  const entries = Object.entries(event).map(([name, value]) => {
    return [`RESEDGE_${name.toUpperCase()}`, String(value).replaceAll('\0', '')] as const;
  });
  return Object.fromEntries(entries);
}
