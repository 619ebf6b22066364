/** Commands that open one model to run it. */
const RUNNING: readonly string[] = ['bench', 'camera', 'classify', 'evaluate', 'serve'];

/** `--provider wasm`, as it stands in a command line: it may be there because the native library does no good. */
const WASM = /^(--provider=)?wasm$/;

/**
 * Starts what is to run a model, where a command line (without program and script) will need it, so that it loads while the
 * commands themselves do.
 */
export async function prepareEarly(args: readonly string[]): Promise<void> {
  const command = args.find((arg) => !arg.startsWith('-'));
  if (command === undefined || !RUNNING.includes(command) || args.some((arg) => WASM.test(arg))) return;
  const { prepareWorker } = await import('../node/backend/start-worker.ts');
  prepareWorker();
}
