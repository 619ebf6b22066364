/** Longest wait for the service worker to take over on the first visit. */
const TAKEOVER_MS = 5000;

export type Offline =
  /** Files pass through the service worker, which keeps them. */
  { readonly kind: 'kept' } | { readonly kind: 'not kept'; readonly reason: string };

/**
 * Starts the service worker, and waits until it has taken this page over, so that what is loaded from here on is kept and nothing is loaded
 * twice.
 */
export async function keepOffline(): Promise<Offline> {
  // Absent on pages without TLS, whatever the types say.
  const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (container === undefined)
    return { kind: 'not kept', reason: 'browsers keep pages only over https or on localhost' };
  const registered = container.register('sw.js').catch(() => undefined);
  // In control already: whether there is a newer one is found out meanwhile.
  if (container.controller !== null) return { kind: 'kept' };
  const takeover = new Promise<boolean>((resolve) => {
    container.addEventListener('controllerchange', () => resolve(true), { once: true });
    setTimeout(resolve, TAKEOVER_MS, false);
  });
  const registration = await registered;
  if (registration === undefined) return { kind: 'not kept', reason: 'this browser refused its service worker' };
  // Active and yet not in control: the person asked for everything anew.
  if (registration.active === null && (await takeover)) return { kind: 'kept' };
  return { kind: 'not kept', reason: 'this time the page was loaded past its service worker' };
}
