import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type ProcessOptions = Pick<ForkOptions, 'signal' | 'timeout' | 'killSignal'> & {
  /** `ignore` drops what it prints there. */
  readonly stderr: 'ignore' | 'pipe';
};

/**
 * Starts a module of the package, by its built file, in a process of its own; in a checkout the source beside that, through its loader. It
 * finds the request as JSON in its first argument and answers by messages. ONNX Runtime's reports of usage are off, as in
 * start-worker.ts.
 */
export function startProcess(module: URL, request: unknown, { stderr, ...options }: ProcessOptions): ChildProcess {
  const path = fileURLToPath(module);
  const json = JSON.stringify(request);
  const [file, args] = import.meta.url.endsWith('.ts')
    ? [fileURLToPath(new URL('./run-source.mjs', import.meta.url)), [path.replace(/\.js$/, '.ts'), json]]
    : [path, [json]];
  return fork(file, args, {
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
    env: { ORT_DISABLE_TELEMETRY: '1', ...process.env },
    execArgv: [],
    ...options,
  });
}
