import { once } from "node:events";
import { connect, type Socket } from "node:net";

type Target = { path?: string | false; host: string[]; port: number[] };

const waitMs = 5000;

/**
 * The socket of one link. postgres.js writes a part of what it has at once when that is large, and the server's answer to the part
 * would make two exchanges of one: what is sent within one turn of the event loop is held together here.
 * @param failed Told when no connection could be made.
 */
export function wire(failed: (reason: Error) => void) {
  let socket: Socket | null = null;
  let opened = false;

  async function made({ path, host, port }: Target): Promise<Socket> {
    if (opened) throw Object.assign(new Error("A link connects once."), { code: "CONNECTION_CLOSED" });
    opened = true;
    const near = path ? connect({ path }) : connect({ host: host[0] as string, port: port[0] as number });
    try {
      await once(near, "connect", { signal: AbortSignal.timeout(waitMs) });
    } catch (error) {
      near.on("error", () => {}).destroy();
      const late = (error as Error).name === "AbortError";
      throw late ? Object.assign(new Error("Postgres can't be reached."), { code: "CONNECT_TIMEOUT" }) : error;
    }
    return near.setNoDelay(true);
  }

  return {
    /** Connects; called by postgres.js. */
    open: (target: Target): Promise<Socket> =>
      made(target).then(
        (near) => (socket = near),
        (error) => {
          failed(error);
          throw error;
        },
      ),
    /** Lets go of the socket, whoever still waits at its other end. */
    close: () => void socket?.destroy(),
    /** Holds back what is written until this turn, and postgres.js's own write in the next, are over. */
    together(): void {
      const held = socket;
      if (!held || held.writableCorked > 0) return;
      held.cork();
      setImmediate(() => setImmediate(() => held.uncork()));
    },
  };
}
