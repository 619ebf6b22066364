import type { DeviceProfile } from '../../device/profile.ts';
import { loadProfile } from '../device/load-profile.ts';
import { type QuickProfile, quickProfile } from '../device/quick-profile.ts';
import { checkBoard } from './board.ts';
import type { Check } from './check.ts';
import { type DoctorHost, thisHost } from './host.ts';
import { checkPackages } from './packages.ts';
import { checkPlatform } from './platform.ts';
import { checkPrograms } from './programs.ts';
import { checkProviders } from './providers.ts';

/** The answer of `doctor --json`. */
export type Diagnosis = {
  readonly profile: string;
  readonly why: readonly string[];
  /** True for a profile of another architecture than this machine's. */
  readonly elsewhere: boolean;
  /** False where something that the profile needs does not work. */
  readonly healthy: boolean;
  readonly checks: readonly Check[];
};

/**
 * Looks at what is installed, lets every provider compute, and says what is missing and how to mend it, for the profile that fits this
 * machine or the one named. Changes nothing. Throws what `loadProfile` throws.
 */
export async function diagnose(device?: string, host: DoctorHost = thisHost()): Promise<Diagnosis> {
  const found = await quickProfile();
  const { profile, why } = device === undefined ? found : named(device, found);
  const [packages, providers, programs, board] = await Promise.all([
    checkPackages(profile),
    checkProviders(profile),
    checkPrograms(host, found.machine.board),
    checkBoard(host),
  ]);
  const checks = [...checkPlatform(host, found.machine), ...packages, ...providers, ...programs, ...board];
  const elsewhere = isElsewhere(profile, found);
  return { profile: profile.id, why, elsewhere, healthy: !checks.some(isFatal), checks };
}

function named(device: string, found: QuickProfile): QuickProfile {
  const profile = loadProfile(device);
  const { machine } = found;
  const other = isElsewhere(profile, found)
    ? [`it is for ${profile.detect.arch}, this machine is ${machine.arch}`]
    : [];
  return { profile, why: ['named by --device', ...other], machine };
}

function isElsewhere({ detect: { arch } }: DeviceProfile, { machine }: QuickProfile): boolean {
  return arch !== undefined && arch !== machine.arch;
}

/** A platform or package that onnxruntime-node cannot use matters only where the profile then has no provider that works. */
function isFatal({ group, name, state }: Check): boolean {
  if (state !== 'broken') return false;
  return group === 'providers' || name === 'sharp' || name === 'Node.js';
}
