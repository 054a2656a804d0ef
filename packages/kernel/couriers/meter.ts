/** What the sender of dispatches tells of itself, for whoever measures. */
export type CourierMeter = {
  /** A message was handed over, or was not taken. @param seconds The vendor took for its answer */
  handed(of: { channel: string; vendor: string; outcome: string; seconds: number }): void;
  /** A vendor told something. `ambiguous`: an answer that may be to several organisations. */
  told(of: { vendor: string; outcome: "applied" | "stale" | "ambiguous" | "unknown" }): void;
};

/** How much waits, in the whole database. */
export type CouriersWaiting = {
  /** Recipients whose turn it is, up to 10 000. */
  due: number;
  /** Since when the first of them waits. 0: none does. */
  lagSeconds: number;
  /** Messages whose answer was lost, up to 10 000. */
  unanswered: number;
  /** What vendors told and nobody has looked at, up to 10 000. */
  told: number;
};

export const noCourierMeter: CourierMeter = { handed() {}, told() {} };
export const nothingWaits: CouriersWaiting = { due: 0, lagSeconds: 0, unanswered: 0, told: 0 };
