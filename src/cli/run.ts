import { Command, CommanderError } from 'commander';
import { isResedgeError } from '../errors.ts';
import { CACHE_VARIABLE } from '../node/cache-folder.ts';
import { packageProducer } from '../node/package.ts';
import { finishPrinting, isUnread, note } from './print.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/** Adds a command to the program. */
export type AddCommand = (program: Command) => Command;

/** Runs the command that the arguments name, and sets the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function run(description: string, commands: readonly AddCommand[]): Promise<void> {
  const program = new Command('resedge')
    .description(description)
    .version(packageProducer().version)
    .option('--debug', 'show stack traces')
    .option('--no-cache', 'keep no optimized graph of a model, and use nothing that was kept or tuned')
    .hook('preAction', (command) => {
      if (command.opts<{ cache: boolean }>().cache === false) process.env[CACHE_VARIABLE] = 'off';
    })
    .configureOutput({ outputError: (message) => note(`${message.replace(/^error: /, '').trimEnd()} (see --help)`) })
    .exitOverride();
  for (const add of commands) nameMisspelled(add(program));
  process.on('uncaughtException', (error) => process.exit(report(error, program)));
  try {
    await program.parseAsync();
    await finishPrinting();
  } catch (error) {
    process.exitCode = report(error, program);
  }
}

/** Commander's own refusal of an option, with what may have been meant; its declarations leave it out. */
type Refusing = Command & { readonly unknownOption: (flag: string) => void };

/** A misspelled option is refused before one that is missing for it. */
function nameMisspelled(command: Command): void {
  if (command.commands.length > 0) return;
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (argv) => {
    const parsed = parse(argv);
    const [first] = parsed.unknown;
    const help = parsed.unknown.some((flag) => flag === '--help' || flag === '-h');
    if (first !== undefined && !help) (command as Refusing).unknownOption(first);
    return parsed;
  };
}

/** Says what went wrong on one line of stderr; returns the exit code. */
function report(error: unknown, program: Command): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
  if (isUnread(error)) return DONE;
  const message = error instanceof Error ? error.message : String(error);
  note(isResedgeError(error) ? message : `unexpected: ${message}; --debug shows where`);
  const debug = program.opts<{ debug?: boolean }>().debug === true;
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isResedgeError(error, 'usage') ? WRONG_USAGE : FAILED;
}
