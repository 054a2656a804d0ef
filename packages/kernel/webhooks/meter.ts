/** What the sender tells of itself, for whoever measures. */
export type WebhookMeter = {
  /** A webhook has taken an event. @param seconds Since it was due for the first time */
  delivered(seconds: number): void;
  /** An attempt came to nothing, or was not made. */
  failed(code: string): void;
  /** A webhook was given up. */
  gaveUp(code: string): void;
};

/** How much waits, in the whole database. */
export type WebhooksWaiting = {
  /** Deliveries that are due, replays not counted, up to 10 000. */
  due: number;
  /** Age of the oldest of them whose webhook doesn't fail. 0: none is due. */
  lagSeconds: number;
  /** Webhooks whose last attempt failed, and those that the server gave up. */
  failing: number;
};

export const noWebhookMeter: WebhookMeter = { delivered() {}, failed() {}, gaveUp() {} };
