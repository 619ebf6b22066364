/** What a sink tells while nothing is delivered: a connection came up or went down. */
export type Health = { readonly up: () => void; readonly down: (reason: string) => void };

/** Where events go, one at a time. */
export type Sink<Item> = {
  /** For people; without a password or token. */
  readonly name: string;
  /**
   * Resolves once the item is delivered. Rejects with code `input` where it never will be, with anything else where it is worth
   * another try.
   */
  readonly deliver: (item: Item) => Promise<void>;
  /** Gives back connections and processes, and gives up a delivery under way. */
  readonly close: () => Promise<void>;
  /** Called once, by a sink that keeps a connection. */
  readonly watch?: (health: Health) => void;
};

export type SinkCounts = {
  readonly delivered: number;
  /** Pushed out by newer ones while the sink was slow or down, or left when it closed. */
  readonly dropped: number;
  /** The sink said that it will never take them. */
  readonly refused: number;
  readonly retried: number;
  /** Waiting or under way. */
  readonly queued: number;
};

export type QueuedSink<Item> = {
  readonly name: string;
  /** Returns at once, whatever the sink does. */
  readonly push: (item: Item) => void;
  readonly counts: () => SinkCounts;
  /** Delivers what is queued for at most `limitMs`, then closes the sink; what is left counts as dropped. */
  readonly close: (limitMs: number) => Promise<SinkCounts>;
};
