import type { Tree } from './tree.ts';

/** What the control groups of a process grant it; undefined without a limit. */
export type Limits = {
  /** Processors' worth of time, such as 1.5. */
  readonly cpuQuota: number | undefined;
  readonly memoryBytes: number | undefined;
};

const MOUNT = 'sys/fs/cgroup';
/** Version 1 writes "no limit" as the largest multiple of a page below 2^63. */
const UNLIMITED = 2 ** 60;

/** A line of /proc/self/cgroup: `4:memory:/path`, where version 2 leaves the controllers empty. */
type Membership = { readonly controllers: readonly string[]; readonly path: string };

function memberships(text: string): readonly Membership[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers: controllers.split(','), path }];
  });
}

/** `/a/b`, `/a` and the top: every group on the way limits, and a container often sees its own group as the top. */
function upwards(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).concat('');
}

function lowest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value): value is number => value !== undefined && value > 0 && value < UNLIMITED);
  return known.length === 0 ? undefined : Math.min(...known);
}

const number = (text: string | undefined): number | undefined => {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isFinite(value) ? value : undefined;
};

const ratio = (quota: number | undefined, period: number | undefined): number | undefined =>
  quota === undefined || period === undefined || period <= 0 ? undefined : quota / period;

/** Reads the limits of control groups of both versions. */
export function readLimits(tree: Tree): Limits {
  const groups = memberships(tree.read('proc/self/cgroup') ?? '');
  const folders = (controller: string): readonly string[] => {
    const path = groups.find(({ controllers }) => controllers.includes(controller))?.path ?? '/';
    const name = controller === 'cpu' ? ['cpu', 'cpu,cpuacct', 'cpuacct,cpu'] : [controller];
    return name.flatMap((mounted) => upwards(path).map((group) => `${MOUNT}/${mounted}/${group}`));
  };
  const unified = upwards(groups.find(({ controllers }) => controllers.includes(''))?.path ?? '/').flatMap((group) => [
    `${MOUNT}/${group}`,
    `${MOUNT}/unified/${group}`,
  ]);
  return {
    cpuQuota: lowest([
      ...unified.map((folder) => {
        const [quota, period] = (tree.read(`${folder}/cpu.max`) ?? '').split(' ');
        return ratio(number(quota), number(period));
      }),
      ...folders('cpu').map((folder) =>
        ratio(number(tree.read(`${folder}/cpu.cfs_quota_us`)), number(tree.read(`${folder}/cpu.cfs_period_us`))),
      ),
    ]),
    memoryBytes: lowest([
      ...unified.map((folder) => number(tree.read(`${folder}/memory.max`))),
      ...folders('memory').map((folder) => number(tree.read(`${folder}/memory.limit_in_bytes`))),
    ]),
  };
}
