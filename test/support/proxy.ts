import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";

/** A wire between us and a server: counts exchanges on it, holds it, cuts it. */
export type Wire = {
  host: string;
  port: number;
  /** How often the talk turned from us to the server: statements that went out together are one exchange. */
  exchanges(): number;
  /** How many statements we have sent: what is so large that it goes out in pieces is answered in pieces, too, and says nothing by its turns. */
  statements(): number;
  reset(): void;
  /** Cuts every connection, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  /** Passes on nothing more of what we send, until it is let go. */
  hold(): void;
  letGo(): void;
  /** Cuts the connection right after the next thing that we send and that fits, before the server's answer is passed on. */
  cutAfter(sent: (bytes: Buffer) => boolean): void;
  close(): Promise<void>;
};

/** @param only Counts exchanges of those connections only whose first bytes have this in them */
export async function proxy(target: NetConnectOpts, only = ""): Promise<Wire> {
  let count = 0;
  let statements = 0;
  let down = false;
  let held = false;
  const ours = new Set<Socket>();
  let trap: ((bytes: Buffer) => boolean) | null = null;
  const sockets = new Set<Socket>();

  const server = createServer((near) => {
    if (down) return void near.destroy();
    const far = connect(target);
    let asking = false;
    let counted: boolean | null = null;
    let deaf = false;
    const asked = reader();
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
      socket.setNoDelay(true);
    }
    ours.add(near);
    near.on("close", () => ours.delete(near));
    near.on("data", (bytes) => {
      counted ??= bytes.includes(only);
      if (!asking && counted) count += 1;
      const some = asked(bytes);
      if (counted) statements += some;
      asking = true;
      if (trap?.(bytes)) {
        trap = null;
        deaf = true;
      }
      far.write(bytes);
    });
    if (held) near.pause();
    far.on("data", (bytes) => {
      asking = false;
      if (deaf) near.destroy();
      else near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sever = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: "127.0.0.1",
    port: (server.address() as { port: number }).port,
    exchanges: () => count,
    statements: () => statements,
    reset: () => {
      count = statements = 0;
    },
    cut() {
      down = true;
      sever();
    },
    mend: () => {
      down = false;
    },
    hold() {
      held = true;
      for (const near of ours) near.pause();
    },
    letGo() {
      held = false;
      for (const near of ours) near.resume();
    },
    cutAfter: (sent) => {
      trap = sent;
    },
    close: () =>
      new Promise((resolve) => {
        sever();
        server.close(() => resolve());
      }),
  };
}

/**
 * Counts the statements in what a client sends: each is bound once.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
function reader(): (bytes: Buffer) => number {
  let rest = Buffer.alloc(0);
  let begun = false;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    let count = 0;
    for (;;) {
      // The first message has no type.
      const head = begun ? 1 : 0;
      if (rest.length < head + 4) return count;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) return count;
      const type = begun ? String.fromCharCode(rest[0] as number) : "";
      if (type === "B" || type === "Q") count += 1;
      begun = true;
      rest = rest.subarray(end);
    }
  };
}
