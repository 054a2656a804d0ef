import type { Channel } from "@dais/contracts/dispatches/values";

/** What somebody is to be told over one channel, ready to be handed to whoever carries it. */
export type Message = {
  /** The attempt's: hex of 128 bits. A vendor who honours keys takes the same key once, however often it is said. */
  key: string;
  /** Where to: E.164, an address of mail, or the directory's id of a user. */
  to: string;
  language: "en" | "ar";
  /** One line, without control characters; null where the channel has none. */
  subject: string | null;
  text: string;
  html: string | null;
  /** Text that is in this message and in no other, by which it is found again: part of `text` and of the template's variables. */
  marker: string;
  /** What the vendor has approved beforehand: needed on WhatsApp where the recipient wrote nothing for a day. */
  template: { contentSid: string; variables: Record<string, string> } | null;
  /** Whether the recipient wrote to us within the last 24 hours. */
  insideWindow: boolean;
  attachments: readonly { name: string; contentType: string; bytes: Uint8Array }[];
  /** Where the vendor says what becomes of it; null where nobody is to be told. */
  callbackUrl: string | null;
};

/** How far a vendor has brought a message. */
export type VendorStatus = "sent" | "delivered" | "read" | "failed";

/**
 * What came of handing a message over.
 * `unknown` where the answer was lost: it may have been taken, and is not sent again before `find` has said so.
 * `limited`: refused for nothing but that it was asked for too much at once, whoever the message is for. The channel is left alone for a while.
 */
export type Handed =
  | { kind: "accepted"; vendorId: string; status: VendorStatus | null }
  | { kind: "refused"; code: string; then: Consequence; retryAfterMs: number | null; limited?: true }
  | { kind: "unknown"; code: string };

/** It was called off at the last moment, and nothing of it has left. */
export type Unsent = { kind: "unsent" };

/** Whether a message is wanted still. Never throws; no where that can't be known in time. */
export type Still = () => Promise<boolean>;

/** Of a refusal: try here again, go on to the next channel, or never use this channel for this recipient again. */
export type Consequence = "retry" | "fallback" | "opt_out";

/** What became of an attempt whose answer was lost; `then`: what follows where it failed. `untold`: this vendor can't say, now or ever; `away`: ask again. */
export type Found =
  | { kind: "found"; vendorId: string; status: VendorStatus | null; code: string | null; then?: Consequence | null }
  | { kind: "absent" }
  | { kind: "untold" }
  | { kind: "away" };

/** One way of reaching people. Never throws for what a vendor says or doesn't say. */
export type Courier = {
  channel: Channel;
  vendor: string;
  /** Whether a message handed over twice with the same key is sent once. */
  honoursKeys: boolean;
  /** So many messages it really sends at once: who is handed more lets them wait in a line of its own, where nobody can call them off any more. */
  atOnce: number;
  /**
   * @param signal Ends the wait for the answer, which makes it `unknown` where the request may have left.
   * @param still Asked when all else is ready, just before the message itself leaves; by default nobody calls it off.
   */
  send(message: Message, signal: AbortSignal, still?: Still): Promise<Handed | Unsent>;
  /**
   * @param since When the attempt began.
   * @param still As with `send`, where asking may send.
   */
  find(message: Message, since: Date, signal: AbortSignal, still?: Still): Promise<Found>;
  close(): Promise<void>;
};

/** What a vendor tells of its own accord. `digest` is the same for the same thing told twice. */
export type Told =
  | {
      kind: "status";
      digest: string;
      vendorId: string;
      status: VendorStatus;
      code: string | null;
      then: Consequence | null;
      at: Date;
    }
  | { kind: "reply"; digest: string; channel: Channel; from: string; text: string; inReplyTo: string | null; at: Date }
  /** `by`: whose doing it is; without it the recipient's own. */
  | { kind: "opt_out" | "opt_in"; digest: string; channel: Channel; from: string; at: Date; by?: "vendor" };

/** A vendor's request to us as it came: `url` is the public one, never made of the request's Host. */
export type Callback = { url: string; headers: Headers; body: Uint8Array };

/** Reads what one vendor says. */
export type CallbackReader = {
  vendor: string;
  /** What this vendor takes for "heard": nothing more comes of it. */
  heard: { type: string; body: string };
  /** @returns null where it isn't signed by this vendor, or not of now; an empty list for what doesn't matter to us */
  read(callback: Callback): Promise<readonly Told[] | null>;
};
