/** What the relay tells of itself, for whoever measures. */
export type RelayMeter = {
  /** A target has an event. @param seconds Since the event happened */
  delivered(target: string, seconds: number): void;
  /** A target could not take an event; it will be tried again. */
  failed(target: string, code: string): void;
  /** An event was given up for a target: it lies among the dead letters. */
  dead(target: string): void;
  /** This process doesn't know an event in that version: it waits for one that does. */
  unknown(event: string, version: number): void;
};

/** How much waits, in the whole database. */
export type Waiting = {
  /** Events that the relay has not come to yet, counted up to 10 000. */
  events: number;
  /** Age of the oldest of them, or of the oldest that a consumer has not taken. 0: nothing waits. */
  lagSeconds: number;
  /** Consumers that are behind on a resource. */
  stalls: number;
  /** Dead letters that nobody has decided about. */
  dead: number;
};

export const noMeter: RelayMeter = { delivered() {}, failed() {}, dead() {}, unknown() {} };
