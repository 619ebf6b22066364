import { type Command, Option } from 'commander';
import { resolveProfile } from '../device/resolve.ts';
import { columns, fields, print } from './print.ts';

type Flags = { readonly json?: boolean };

export function addDevices(program: Command): Command {
  const devices = program.command('devices').description('device profiles, and which one fits this machine');
  const json = (): Option => new Option('--json', 'print JSON and nothing else');
  devices.command('list', { isDefault: true }).description('all profiles').addOption(json()).action(runList);
  devices.command('show <profile>').description('one profile').addOption(json()).action(runShow);
  devices.command('detect').description('this machine').addOption(json()).action(runDetect);
  return devices;
}

async function runList(flags: Flags): Promise<void> {
  const { bundledProfiles } = await import('../node/device/bundled.ts');
  const stored = bundledProfiles();
  const profiles = [...stored.keys()].map((id) => resolveProfile(id, stored));
  if (flags.json) {
    const rows = profiles.map(({ id, name, providers, scheme, precision, verified }) => {
      return { id, name, providers: providers.map(({ provider }) => provider), scheme, precision, verified };
    });
    print(JSON.stringify(rows));
    return;
  }
  const rows = profiles.map(({ id, name, providers, scheme, verified }) => {
    return [id, name, providers.map(({ provider }) => provider).join(', '), scheme, verified.how] as const;
  });
  print(columns(rows));
}

async function runShow(name: string, flags: Flags): Promise<void> {
  const { loadProfile } = await import('../node/device/load-profile.ts');
  const profile = loadProfile(name);
  if (flags.json) {
    print(JSON.stringify(profile));
    return;
  }
  const { id, providers, scheme, precision, threads, spinning, verified } = profile;
  print(
    fields([
      ['profile', id],
      ['name', profile.name],
      ['providers', providers.map(({ provider, backend }) => `${provider} (${backend})`).join(', ')],
      ['precision', `${precision}, scheme ${scheme}`],
      ['threads', `${threads === 0 ? "the backend's choice" : threads}, ${spinning ? 'spinning' : 'parked'} when idle`],
      ['verified', `${verified.how}: ${verified.what} (${verified.where})`],
    ]),
  );
}

async function runDetect(flags: Flags): Promise<void> {
  const { detectDevice } = await import('../node/device/detect.ts');
  const found = await detectDevice();
  if (flags.json) {
    print(JSON.stringify(found));
    return;
  }
  print(
    fields([
      ['profile', found.profile],
      ...found.why.map((reason, i) => [i === 0 ? 'why' : '', reason] as const),
      ['cpu', `${found.cpu.model}, ${found.cpu.cores} cores`],
      ['memory', `${found.memoryMb} MB`],
    ]),
  );
  print(columns(found.providers.map(({ name, available, reason }) => [name, available ? 'yes' : 'no', reason])));
}
