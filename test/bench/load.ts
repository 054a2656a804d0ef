import type { Subject } from "./subject.ts";
import { line, type Reply } from "./wire.ts";

/** Makes the bytes of the next request. */
export type Next = () => string;
export type Side = { subject: Subject; next: Next; status: number };

/** More than a server has connections to Postgres: it always has something to do, also where the machine has other work. */
const usual = 16;

/** Sends `count` requests over a few connections, each as soon as the one before is answered. */
export async function drive(
  { subject, next, status }: Side,
  count: number,
  { at = usual, each }: { at?: number; each?: (ms: number) => void } = {},
): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: at }, async () => {
      const mine = line(subject.port);
      while (left-- > 0) {
        const start = performance.now();
        expected(await mine.send(next()), status, subject);
        each?.(performance.now() - start);
      }
      mine.close();
    }),
  );
}

export async function once({ subject, next, status }: Side): Promise<Reply> {
  const one = line(subject.port);
  const reply = expected(await one.send(next()), status, subject);
  one.close();
  return reply;
}

function expected(reply: Reply, status: number, { name }: Subject): Reply {
  if (reply.status !== status)
    throw new Error(`${name} answered ${reply.status}, not ${status}: ${reply.body.slice(0, 500)}`);
  return reply;
}
