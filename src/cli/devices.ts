import { type Command, Option } from 'commander';
import { ResedgeError } from '../errors.ts';
import { print } from './print.ts';

type Flags = { readonly json?: boolean };

export function addDevices(program: Command): Command {
  const devices = program.command('devices').description('device profiles, and which one fits this machine');
  const json = (): Option => new Option('--json', 'print JSON and nothing else');
  devices
    .command('list', { isDefault: true })
    .description('all profiles')
    .addOption(json())
    .allowExcessArguments()
    .action(runList);
  devices
    .command('show <profile>')
    .description('one profile, by its id or as a .json file of your own')
    .addOption(json())
    .action(runShow);
  devices.command('detect').description('this machine').addOption(json()).action(runDetect);
  return devices;
}

async function runList(flags: Flags, { args: [other] }: Command): Promise<void> {
  if (other !== undefined) {
    throw new ResedgeError('usage', `devices: expected list, show <profile> or detect, received ${other}`);
  }
  const [{ bundledProfiles }, { resolveProfile }, { describeProfiles }] = await Promise.all([
    import('../node/device/bundled.ts'),
    import('../device/resolve.ts'),
    import('./describe-profile.ts'),
  ]);
  const stored = bundledProfiles();
  const profiles = [...stored.keys()].map((id) => resolveProfile(id, stored));
  const rows = profiles.map(({ id, name, providers, scheme, precision, verified }) => {
    return { id, name, providers: providers.map(({ provider }) => provider), scheme, precision, verified };
  });
  print(flags.json ? JSON.stringify(rows) : describeProfiles(profiles));
}

async function runShow(name: string, flags: Flags): Promise<void> {
  const [{ loadProfile }, { describeProfile }] = await Promise.all([
    import('../node/device/load-profile.ts'),
    import('./describe-profile.ts'),
  ]);
  const profile = loadProfile(name);
  print(flags.json ? JSON.stringify(profile) : describeProfile(profile));
}

async function runDetect(flags: Flags): Promise<void> {
  const [{ detectDevice }, { describeMachine }] = await Promise.all([
    import('../node/device/detect.ts'),
    import('./describe-machine.ts'),
  ]);
  const found = await detectDevice();
  print(flags.json ? JSON.stringify(found) : describeMachine(found));
}
