/** `ok`; `missing` not there, and nothing that must be; `broken` there and not working, or needed and not there; `note` worth knowing. */
export type CheckState = 'ok' | 'missing' | 'broken' | 'note';

export type CheckGroup = 'platform' | 'packages' | 'providers' | 'programs' | 'board';

/** One thing looked at. */
export type Check = {
  readonly group: CheckGroup;
  readonly name: string;
  readonly state: CheckState;
  /** What was found, in a line. */
  readonly found: string;
  /** The command or the way that mends it. */
  readonly mend?: string | undefined;
};
