import type { Ending } from "./message.ts";

/** What streams tell of themselves, for whoever measures. */
export type StreamMeter = {
  /** A message went out. */
  told(): void;
  /** A stream is over. `left`: its reader went away. `cut`: its reader didn't read. */
  ended(why: Ending | "left" | "cut"): void;
};

export const noStreamMeter: StreamMeter = { told() {}, ended() {} };
