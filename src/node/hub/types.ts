/** Where a network comes from. */
export type Source =
  | { readonly kind: 'torchvision'; readonly network: string; readonly version?: string }
  | {
      readonly kind: 'huggingface';
      readonly owner: string;
      readonly name: string;
      /** A branch, a tag or a commit. */
      readonly revision: string;
      /** The weights; absent: the one that the repository has. */
      readonly file?: string;
    }
  /** `sha256` comes from the address's fragment `#sha256=`. */
  | { readonly kind: 'url'; readonly url: URL; readonly sha256?: string };

/** What a file has to be before it gets its name; digests in lower-case hexadecimal. */
export type Check =
  /** All 64 digits, or the first of them. */
  | { readonly kind: 'sha256'; readonly hex: string }
  /** Git's name of the content: SHA-1 of `blob <size>`, a zero byte and the bytes. */
  | { readonly kind: 'git'; readonly hex: string }
  /** Nobody says what the file is. */
  | { readonly kind: 'none' };

export type RemoteFile = {
  /** Below the folder it is pulled into, segments parted by `/`. */
  readonly name: string;
  readonly url: URL;
  readonly check: Check;
  /** The size, where the hub says it. */
  readonly bytes?: number;
  /** A header's value, sent to this origin alone and never shown. */
  readonly authorization?: string;
};

/** Files that belong together; the first holds the weights. */
export type Listing = {
  /** Below the cache: the same content has the same place. */
  readonly place: string;
  readonly files: readonly [RemoteFile, ...RemoteFile[]];
  /** A file that the weights name, relative to them; undefined where there is none. Absent: weights come in one file. */
  readonly beside?: (name: string) => RemoteFile | undefined;
};

export type PulledFile = {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly check: Check;
  /** True for one that was there. */
  readonly kept: boolean;
};

export type OnProgress = (name: string, done: number, total: number | undefined) => void;
