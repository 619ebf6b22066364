import type { Command } from 'commander';
export function addDemo(program: Command): Command {
  return program.command('demo');
}
