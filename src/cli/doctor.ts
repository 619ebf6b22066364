import type { Command } from 'commander';
import type { Diagnosis } from '../node/doctor/doctor.ts';
import { columns, print } from './print.ts';

const FAILED = 1;

type Flags = { readonly device?: string; readonly json?: boolean };

export function addDoctor(program: Command): Command {
  return program
    .command('doctor')
    .description('what is installed and works on this machine, and how to mend what does not')
    .option('--device <profile>', 'look for what this profile needs (default: the one that fits this machine)')
    .option('--json', 'print JSON and nothing else')
    .action(runDoctor);
}

async function runDoctor({ device, json }: Flags): Promise<void> {
  const { diagnose } = await import('../node/doctor/doctor.ts');
  const found = await diagnose(device);
  if (!found.healthy) process.exitCode = FAILED;
  print(json ? JSON.stringify(found) : describe(found));
}

function describe({ profile, why, elsewhere, healthy, checks }: Diagnosis): string {
  const groups = [...new Set(checks.map(({ group }) => group))];
  const rows = groups.flatMap((group) => [
    [group],
    ...checks
      .filter((check) => check.group === group)
      .flatMap(({ name, state, found, mend }) => [
        [`  ${name}`, state, found],
        ...(mend === undefined ? [] : [['', '', `-> ${mend}`]]),
      ]),
  ]);
  const verdict = healthy
    ? `has what ${profile} needs${elsewhere ? ', save its processor' : ''}`
    : `lacks something that ${profile} needs: see broken above`;
  return `${columns([['profile', '', `${profile} (${why.join(', ')})`], ...rows])}\n\n  this machine ${verdict}`;
}
