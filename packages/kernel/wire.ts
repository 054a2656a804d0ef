import { once } from "node:events";
import { connect, type Socket } from "node:net";

type Target = { path?: string | false; host: string[]; port: number[] };

/**
 * The socket of one lane. postgres.js writes a part of what it has at once when that is large, and the server's answer to the part
 * would make two exchanges of one: what is sent within one turn of the event loop is held together here.
 */
export function wire() {
  let socket: Socket | null = null;
  return {
    /** Connects; called by postgres.js, again after a loss. */
    async open({ path, host, port }: Target): Promise<Socket> {
      const made = path ? connect({ path }) : connect({ host: host[0] as string, port: port[0] as number });
      await once(made, "connect");
      made.setNoDelay(true);
      socket = made;
      return made;
    },
    /** Holds back what is written until this turn, and postgres.js's own write in the next, are over. */
    together(): void {
      const held = socket;
      if (!held || held.writableCorked > 0) return;
      held.cork();
      setImmediate(() => setImmediate(() => held.uncork()));
    },
  };
}
