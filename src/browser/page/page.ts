import type { PageManifest } from '../../device/page-manifest.ts';
import { ResedgeError } from '../index.ts';
import { showState } from '../page-ui/state.ts';
import { candidates, wantsGpu } from './candidates.ts';
import { keepOffline, type Offline } from './offline.ts';
import type { Best } from './open-best.ts';
import { startRemote } from './remote.ts';
import { showFailure, startSession } from './session.ts';
import { ui } from './view.ts';
import { webFacts } from './web-facts.ts';

async function loadManifest(): Promise<PageManifest> {
  const response = await fetch('manifest.json').catch(() => undefined);
  if (response?.ok) return await response.json();
  const came = response === undefined ? 'the request failed' : `the server answered ${response.status}`;
  throw new ResedgeError('io', `expected the page's manifest.json, ${came}: load the page again, or write it anew`);
}

/** With the service worker in control, the next visit has the headers that threads need. */
function notesOf({ opened, notes }: Best, offline: Offline): readonly string[] {
  const mended = offline.kind === 'kept' && !crossOriginIsolated && opened.warnings.length > 0;
  return [
    ...(mended ? ['Running on 1 thread: load the page again for more.'] : notes),
    offline.kind === 'kept' ? 'Kept for use offline.' : `Not kept for use offline: ${offline.reason}.`,
  ];
}

async function start(): Promise<void> {
  ui.unstarted.remove();
  const loading = loadManifest();
  const asked = loading.then((manifest) => webFacts(wantsGpu(manifest)));
  const begun = keepOffline().then((offline) => ({ offline, remote: startRemote() }));
  const [manifest, facts, { offline, remote }] = await Promise.all([loading, asked, begun]);
  ui.network.textContent = `What does ${manifest.arch} see?`;
  document.title = `${manifest.arch}, in this browser`;
  await startSession({
    remote,
    found: candidates(manifest, facts),
    models: manifest.models,
    notesOf: (best) => notesOf(best, offline),
  });
}

start().catch((error) => {
  showState('failed');
  showFailure(error);
});
