import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** True where only programs of this machine can reach the host. */
export function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The names by which other machines know this one. */
export function ownNames(): readonly string[] {
  return [hostname(), `${hostname()}.local`];
}

/** The addresses of this machine that others can reach. */
export function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
}
