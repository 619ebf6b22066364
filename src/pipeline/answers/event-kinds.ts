/** What events tell: a label came to hold, ceased to, or crossed a probability that is watched for. */
export const EVENT_KINDS = ['entered', 'left', 'crossed'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
