/** The file behind a path, a folder or a hub's name, which is pulled into the cache with a line of progress on a terminal. */
export async function pulledFirst(named: string, offline = false): Promise<string> {
  const [{ resolveSource }, { pullProgress }, { OFFLINE_VARIABLE }] = await Promise.all([
    import('../node/hub/resolve-source.ts'),
    import('./pull.ts'),
    import('../node/hub/settings.ts'),
  ]);
  const shown = pullProgress();
  const { path, pulled } = await resolveSource(named, { offline, onProgress: shown.onProgress }).finally(shown.done);
  // A process that does the same again has the file.
  if (pulled) process.env[OFFLINE_VARIABLE] = '1';
  return path;
}
