import type { SeenAccelerator } from '../node/device/accelerators.ts';
import type { Detection } from '../node/device/detect.ts';
import { beside, threadsOf } from './describe-profile.ts';
import { columns, counted, fields } from './print.ts';

/** What was found out about this machine, and what its profile plans on it. */
export function describeMachine(found: Detection): string {
  const { cpu, memoryMb, limits, planned, accelerators } = found;
  const efficiency = cpu.cores - cpu.performanceCores;
  const cores = counted(cpu.cores, 'core');
  const about = fields([
    ['profile', found.profile],
    ...beside('why', found.why),
    ['cpu', `${cpu.model}, ${cores}${efficiency > 0 ? `, ${efficiency} of them for efficiency` : ''}`],
    ['features', cpu.features.join(' ') || 'unknown'],
    ['memory', `${memoryMb} MB${limits.memoryMb === null ? '' : ", a control group's limit"}`],
    ...(limits.cpus === null ? [] : ([['quota', `${limits.cpus} CPUs of a control group`]] as const)),
    ['plan', planOf(planned)],
    ...beside('accelerators', accelerators.length === 0 ? ['none seen'] : accelerators.map(acceleratorLine)),
  ]);
  const providers = found.providers.map(({ name, available, reason }) => [name, available ? 'yes' : 'no', reason]);
  return `${about}\n\n${columns([['provider', 'here', ''], ...providers])}`;
}

function planOf({ threads, spinning, memoryBudgetMb }: Detection['planned']): string {
  return `threads: ${threadsOf(threads)}, ${spinning ? 'spinning' : 'parked'} when idle; at most ${memoryBudgetMb} MB`;
}

function acceleratorLine({ name, at, libraries, usedBy }: SeenAccelerator): string {
  const files = libraries.length === 0 ? '' : `, with ${libraries.join(', ')}`;
  const use =
    usedBy.length === 0 ? 'unused: ONNX Runtime for JavaScript has no provider for it' : `for ${usedBy.join(' and ')}`;
  return `${name} at ${at}${files}; ${use}`;
}
