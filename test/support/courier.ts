import type { Channel } from "@dais/contracts/dispatches/values";
import type { Consequence, Courier, Found, Handed, Message } from "@dais/kernel/couriers/port";

/** What becomes of one message at the stand-in. */
export type Answer =
  | "takes"
  /** Takes it, and the answer is lost; or the answer is lost on the way there. */
  | "lost after"
  | "lost before"
  /** Answers when the test lets it. */
  | { until: Promise<unknown> }
  | Extract<Handed, { kind: "refused" | "accepted" }>;

export const refused = (code: string, then: Consequence, retryAfterMs: number | null = null): Answer => ({
  ...{ kind: "refused", code, then, retryAfterMs },
});
export const retry = (code = "429", retryAfterMs: number | null = null) => refused(code, "retry", retryAfterMs);
/** Too much at once for now. */
export const limited = (code = "429", retryAfterMs: number | null = null): Answer => ({
  ...(refused(code, "retry", retryAfterMs) as Extract<Handed, { kind: "refused" }>),
  limited: true,
});
export const fallback = (code = "63016") => refused(code, "fallback");

export type Taken = { key: string; to: string; at: Date; vendorId: string; message: Message };

/** A courier that keeps what it took, and fails as the test wants. It is told apart by key where it honours keys, and otherwise takes all it gets. */
export function standIn(
  channel: Channel,
  of: {
    honoursKeys?: boolean;
    now?: () => Date;
    /** The nth message that is handed to it, from 0. */
    answers?: (message: Message, n: number) => Answer;
    /** What it says when it is asked; by default what is so. */
    finds?: (message: Message, n: number) => Found["kind"] | Found | Promise<Found["kind"]>;
  } = {},
) {
  const { honoursKeys = false, now = () => new Date(), answers = () => "takes", finds } = of;
  const vendor = `${channel}-standin`;
  const taken: Taken[] = [];
  const handed: { key: string; to: string; at: Date; text: string; insideWindow: boolean }[] = [];
  const asked: string[] = [];
  let made = 0;

  function take(message: Message): string {
    const before = honoursKeys ? taken.find(({ key }) => key === message.key) : undefined;
    if (before) return before.vendorId;
    made += 1;
    const vendorId = `${channel}-${message.key}-${made}`;
    taken.push({ key: message.key, to: message.to, at: now(), vendorId, message });
    return vendorId;
  }

  async function send(message: Message): Promise<Handed> {
    const answer = answers(message, handed.length);
    handed.push({
      key: message.key,
      to: message.to,
      at: now(),
      text: message.text,
      insideWindow: message.insideWindow,
    });
    if (answer === "lost before") return { kind: "unknown", code: "timeout" };
    if (typeof answer === "object" && "kind" in answer) return answer;
    if (typeof answer === "object") await answer.until;
    const vendorId = take(message);
    return answer === "lost after"
      ? { kind: "unknown", code: "timeout" }
      : { kind: "accepted", vendorId, status: null };
  }

  async function find(message: Message): Promise<Found> {
    const answer = finds?.(message, asked.length);
    asked.push(message.key);
    const kind = await answer;
    if (typeof kind === "object") return kind;
    if (kind && kind !== "found") return { kind };
    if (honoursKeys) return { kind: "found", vendorId: take(message), status: null, code: null };
    const before = taken.find(({ message: one }) => one.marker === message.marker && one.to === message.to);
    return before ? { kind: "found", vendorId: before.vendorId, status: null, code: null } : { kind: "absent" };
  }

  const courier: Courier = { channel, vendor, honoursKeys, atOnce: 32, send, find, close: async () => {} };
  return { courier, vendor, taken, handed, asked };
}
export type StandIn = ReturnType<typeof standIn>;
