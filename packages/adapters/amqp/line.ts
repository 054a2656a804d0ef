import type { Log } from "@dais/kernel/context";
import { codeOf } from "@dais/kernel/faults";
import { waitMs } from "@dais/kernel/relay/retry";
import { type Channel, Connection } from "rabbitmq-client";

export type LineOptions = {
  url: string;
  log: Log;
  /** The connection was lost, or was not to be had: with the broker's code, or the socket's. */
  failed(code: string): void;
  patience?: { firstMs: number; mostMs: number };
};

export type Line = {
  connected(): boolean;
  /** Whether the broker has asked to be given nothing. It is given nothing then. */
  blocked(): boolean;
  /** When that was over last. */
  unblockedAt(): number;
  /** @throws an error with the code of why there is none just now */
  channel(): Promise<Channel>;
  /** Called with each new connection. @returns how to stop */
  hear(there: () => void): () => void;
  /** Gives the connection up that there is, with what has not left yet, for another one. */
  drop(code: string): void;
  close(): Promise<void>;
};

const connectMs = 5000;

/**
 * One connection to the broker, made anew where it is lost, ever more slowly up to five seconds. The library would do so as well, but it
 * keeps to itself why the broker refuses: a password that has changed is told as often as it is tried.
 */
export function line({ url, log, failed, patience = { firstMs: 200, mostMs: 5000 } }: LineOptions): Line {
  const hearers = new Set<() => void>();
  let current: Connection | null = null;
  let ready = false;
  let blocked = false;
  let unblockedAt = 0;
  let closed = false;
  let failures = 0;
  let code = "NOT_CONNECTED";
  let timer: NodeJS.Timeout | undefined;

  function connect(): void {
    const mine = new Connection({
      ...{ url, connectionTimeout: connectMs, acquireTimeout: connectMs, heartbeat: 10, connectionName: "dais" },
      ...{ retryLow: connectMs, retryHigh: connectMs },
    });
    current = mine;
    mine.on("connection", () => {
      if (mine !== current) return;
      if (failures > 0) log.info({ failures }, "the broker is back");
      failures = 0;
      ready = true;
      for (const there of hearers) there();
    });
    mine.on("connection.blocked", (reason: string) => {
      if (mine !== current) return;
      blocked = true;
      log.warn({ reason }, "the broker takes nothing for now: what is for it waits");
    });
    mine.on("connection.unblocked", () => {
      if (mine !== current) return;
      log.info({}, "the broker takes something again");
      free();
    });
    mine.on("error", (error: Error) => {
      // Of a channel's end, who uses the channel hears.
      if (error.name !== "AMQPChannelError") lost(mine, error);
    });
  }

  function free(): void {
    blocked = false;
    unblockedAt = performance.now();
  }

  function lost(mine: Connection, error: Error): void {
    if (mine !== current || closed) return;
    current = null;
    ready = false;
    free();
    failures += 1;
    code = codeOf(error) || "NOT_CONNECTED";
    failed(code);
    if (failures === 1) log.warn({ code }, "there is no connection to the broker");
    mine.unsafeDestroy();
    timer = setTimeout(connect, waitMs(patience, Math.min(failures, 10), Math.random));
    timer.unref();
  }

  connect();
  return {
    connected: () => ready,
    blocked: () => blocked,
    unblockedAt: () => unblockedAt,
    async channel() {
      if (!current || !ready) throw Object.assign(new Error("There is no connection to the broker."), { code });
      return current.acquire({ emitErrorsFromChannel: true });
    },
    hear(there) {
      hearers.add(there);
      return () => void hearers.delete(there);
    },
    drop(code) {
      if (current) lost(current, Object.assign(new Error("The connection to the broker was given up."), { code }));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      hearers.clear();
      // What hangs is let go: whatever was not confirmed is sent again.
      const forced = setTimeout(() => current?.unsafeDestroy(), 2000);
      // To end it in good order would send what was held back, and wait for an answer.
      if (ready && !blocked) await current?.close().catch(() => {});
      else current?.unsafeDestroy();
      clearTimeout(forced);
    },
  };
}
