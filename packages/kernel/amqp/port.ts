/** A message on its way to the broker. */
export type Outgoing = {
  /** Empty: the queue that `routingKey` names. */
  exchange: string;
  routingKey: string;
  body: Uint8Array;
  contentType: string;
  messageId?: string;
  correlationId?: string;
  replyTo?: string;
  type?: string;
  at?: Date;
  headers?: Record<string, unknown>;
  /** How long it may wait in its queue. */
  expireMs?: number;
};

/** A message as it came. Whatever is in it, somebody else has said. */
export type Incoming = {
  body: Uint8Array;
  contentType: string | null;
  messageId: string | null;
  correlationId: string | null;
  replyTo: string | null;
  headers: Readonly<Record<string, unknown>>;
};

/** A queue as we declare it. It survives a restart of the broker. */
export type Queue = { name: string; arguments?: Record<string, string | number> };

/** What is to become of a message: it is done with, or it goes back to where it was. */
export type Verdict = "taken" | "again";

export type Listening = {
  queue: string;
  /** Declared first; where one is there with other arguments, nothing is taken from any. */
  declare: readonly Queue[];
  /** Messages in hand at once. */
  most: number;
  take(message: Incoming): Promise<Verdict>;
  /** It listens, or why it can't: a code of the broker's, or of what became of the connection. Told when it changes. */
  state(problem: string | null): void;
};

/** The message broker: one connection, kept. What goes out while there is none is refused, and comes back from who keeps it. */
export type Broker = {
  connected(): boolean;
  /** Whether it takes nothing just now, and has said so: it is short of memory or of room. What it was given waits for it. */
  blocked(): boolean;
  /**
   * Sends messages in their order, and resolves when the broker has confirmed each: they are safe there. However long it is blocked, that
   * is waited for; where it takes too long without, the connection is given up, so that what has not left never does.
   * @throws an error with a code, where any is not certain; any of them may have arrived
   */
  publish(messages: readonly Outgoing[]): Promise<void>;
  /** Takes messages from a queue as long as it is there, over lost connections. @returns how to stop; resolves when what is in hand is settled */
  listen(to: Listening): () => Promise<void>;
  close(): Promise<void>;
};

/** Everything that happens is published here. */
export const eventsExchange = "dais.events";
