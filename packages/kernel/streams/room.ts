import { Problem } from "../problem.ts";

/** Counts open streams, in this process and of each actor. */
export type Room = {
  count(): number;
  /** Lets nobody in any more. */
  close(): void;
  /** Whether there is room for one more stream, whoever's it is. @throws busy, unavailable */
  check(): void;
  /** Counts in one more stream of an actor, and answers with what counts it out. @throws busy, unavailable, event_streams_exhausted */
  enter(actor: string): () => void;
};

const busySeconds = 5;

export function room(most: { process: number; actor: number }): Room {
  const actors = new Map<string, number>();
  let open = 0;
  let closed = false;

  function check(): void {
    if (closed) throw new Problem("unavailable", { retryAfterSeconds: 1 });
    if (open >= most.process) throw new Problem("busy", { retryAfterSeconds: busySeconds });
  }

  return {
    count: () => open,
    close() {
      closed = true;
    },
    check,
    enter(actor) {
      check();
      const mine = actors.get(actor) ?? 0;
      if (mine >= most.actor) throw new Problem("event_streams_exhausted", { retryAfterSeconds: busySeconds });
      actors.set(actor, mine + 1);
      open += 1;
      return () => {
        open -= 1;
        const left = (actors.get(actor) ?? 1) - 1;
        if (left > 0) actors.set(actor, left);
        else actors.delete(actor);
      };
    },
  };
}
