/** What decides how many threads WASM may use. */
export type ThreadFacts = {
  /** Threads wanted; 0 leaves the number to this rule. */
  readonly wanted: number;
  readonly isolated: boolean;
  /** Whether the library's own script lies where threads can load it. */
  readonly separateScript: boolean;
  readonly cores: number;
};

export type ThreadPlan = {
  readonly threads: number;
  /** What keeps WASM from using more, one line each. */
  readonly warnings: readonly string[];
};

/** More threads than this gain little on models of this size. */
const MAX_CHOSEN = 4;

/**
 * Threads share memory, which browsers give to cross-origin isolated pages alone; and each loads the library's script, for which a
 * bundle, that would start the whole page in every thread, cannot stand in.
 */
export function planThreads({ wanted, isolated, separateScript, cores }: ThreadFacts): ThreadPlan {
  const threads = wanted > 0 ? wanted : Math.min(MAX_CHOSEN, Math.max(1, Math.ceil(cores / 2)));
  if (threads === 1) return { threads, warnings: [] };
  const missing = [
    ...(isolated
      ? []
      : [
          'the page is not cross-origin isolated: send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
        ]),
    ...(separateScript ? [] : ['no wasmPaths is given: name the folder of ort-wasm-simd-threaded.mjs and .wasm']),
  ];
  return missing.length === 0
    ? { threads, warnings: [] }
    : { threads: 1, warnings: missing.map((reason) => `running on 1 thread instead of ${threads}, ${reason}`) };
}
