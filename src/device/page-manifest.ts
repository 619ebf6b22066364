import type { DetectHints, Precision, ProviderChoice } from './profile.ts';

/** One file of the network that a page classifies with. */
export type PageModel = {
  /** Where it lies, seen from the page; its name is the SHA-256 of its content. */
  readonly path: string;
  /** What it was called before. */
  readonly name: string;
  readonly bytes: number;
  readonly precision: Precision;
  readonly scheme: string | null;
};

/** A browser's profile, as far as a page heeds it. */
export type PageProfile = {
  readonly id: string;
  readonly detect: DetectHints;
  readonly threads: number;
  readonly providers: readonly ProviderChoice[];
};

/** What a written page knows of itself: the same network in one or more precisions, and what to run it on. */
export type PageManifest = {
  readonly tool: string;
  readonly arch: string;
  readonly models: readonly PageModel[];
  readonly profiles: readonly PageProfile[];
};
