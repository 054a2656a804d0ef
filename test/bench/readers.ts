import { connect, type Socket } from "node:net";
import { written } from "./wire.ts";

/** A stream, as one connection reads it. */
export type Reader = {
  /** The status of the answer; 0 where there was none. */
  answered: Promise<number>;
  /** `Retry-After`, where the answer has it. */
  later(): boolean;
  /** How many events it was told. */
  told(): number;
  /** Resolves when it has been told so many. */
  untilTold(count: number): Promise<void>;
  close(): void;
};

/** Opens a stream by hand: as little work as can be, so that the server under measurement has the machine. */
export function read(port: number, path: string, key: string): Reader {
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  let head = "";
  let count = 0;
  let awaited: { count: number; done(): void } | null = null;
  const socket: Socket = connect(port, "127.0.0.1", () =>
    socket.write(written({ method: "GET", path, headers: { authorization: `Bearer ${key}` } })),
  );
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    if (head.length < 2000) head += chunk;
    const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
    if (status) resolve(Number(status));
    count += chunk.split('"specversion"').length - 1;
    if (awaited && count >= awaited.count) awaited.done();
  });
  socket.on("error", () => resolve(0)).on("close", () => resolve(0));
  return {
    answered,
    later: () => /\r\nretry-after: \d+\r\n/i.test(head),
    told: () => count,
    untilTold: (wanted) =>
      new Promise((done) => {
        if (count >= wanted) done();
        else awaited = { count: wanted, done };
      }),
    close: () => socket.destroy(),
  };
}
