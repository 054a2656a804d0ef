/** What the way to the broker and from it tells of itself, for whoever measures. */
export type AmqpMeter = {
  /** The broker has confirmed an event. @param seconds Since it happened */
  published(seconds: number): void;
  /** Something could not be published, the connection was lost, or a queue can't be read. */
  failed(code: string): void;
  /** Events may have been deleted before they were published. */
  gap(): void;
  /** What became of a command that came in: `done`, `again`, `later` or `dead`. */
  command(outcome: string, code: string): void;
  /** Given-up commands were removed undecided, because there were too many of an integration. */
  removed(count: number): void;
};

/** How it stands, in the whole database but for `connected` and `blocked`. */
export type AmqpWaiting = {
  /** Whether this process has a connection. */
  connected: boolean;
  /** Whether the broker has told this process to wait. */
  blocked: boolean;
  /** Events that are not published yet, up to 10 000. */
  events: number;
  /** Age of the oldest of them. 0: nothing waits. */
  lagSeconds: number;
  /** Commands that were given up, and that nobody has decided about. */
  dead: number;
};

export const noAmqpMeter: AmqpMeter = { published() {}, failed() {}, gap() {}, command() {}, removed() {} };
