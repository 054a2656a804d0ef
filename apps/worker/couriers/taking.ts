import { randomUUID } from "node:crypto";
import type { Channel } from "@dais/contracts/dispatches/values";
import type { Log } from "@dais/kernel/context";
import type { Courier } from "@dais/kernel/couriers/port";
import type { Steady } from "@dais/kernel/relay/steady";
import type { Perform } from "@dais/kernel/task";
import {
  type BeginOptions,
  beginning,
  type Letter,
  type TenantDue,
  tenantsDue,
  wroteSince,
} from "@dais/modules/dispatches/sending";
import type { handing } from "./hand.ts";
import type { Settling } from "./settling.ts";

export type TakingOptions = Omit<BeginOptions, "vendors" | "crowded" | "pausedUntil"> & {
  perform: Perform;
  line: Steady;
  couriers: ReadonlyMap<Channel, Courier>;
  hands: ReturnType<typeof handing>;
  settles: Settling;
  now(): Date;
  chance(): number;
  log: Log;
  most: Most;
  /** Told when there is room again. */
  freed(): void;
};

/** How many messages are in hand at once: normal ones leave room for urgent ones. */
export type Most = { normal: number; urgent: number; atOnce: number };

const batch = 50;
/** Organisations that are served at the same time. */
const together = 2;
const dayMs = 24 * 3_600_000;

/** Takes recipients whose turn it is, urgent ones first and organisation after organisation, and has their messages handed over. */
export function taking(of: TakingOptions) {
  const { crowded, pausedUntil } = of.hands;
  const begin = beginning({
    ...of,
    vendors: new Map([...of.couriers].map(([channel, { vendor }]) => [channel, vendor])),
    crowded,
    pausedUntil,
  });
  /** When each organisation was last served: in turn. */
  const served = new Map<string, number>();
  let turns = 0;
  const inHand = new Set<Promise<void>>();

  /** @returns whether there may be more at once */
  async function look(): Promise<boolean> {
    const due = await of.line.use((lane) => tenantsDue(lane, of.now()));
    for (const tenantId of served.keys()) if (!due.some((one) => one.tenantId === tenantId)) served.delete(tenantId);
    const order = due.sort((a, b) => b.priority.localeCompare(a.priority) || lastOf(a) - lastOf(b));
    const room = order.filter(
      ({ priority }) => inHand.size < (priority === "urgent" ? of.most.urgent : of.most.normal),
    );
    if (room.length === 0) return false;
    const begun = await Promise.all(room.slice(0, together).map(serve));
    return begun.some((taken) => taken > 0);
  }

  const lastOf = ({ tenantId, priority }: TenantDue): number =>
    served.get(`${tenantId} ${priority}`) ?? served.get(tenantId) ?? 0;

  async function serve({ tenantId, priority }: TenantDue): Promise<number> {
    served.set(tenantId, ++turns);
    const on = { tenantId, requestId: `dispatches-${randomUUID()}` };
    const begun = await of.perform(begin, on, { priority, limit: batch });
    if (!begun) return 0;
    const inside = await windows(begun.letters);
    for (const letter of begun.letters) {
      const sent = send(inside.has(letter.message.to) ? windowed(letter) : letter);
      inHand.add(sent);
      void sent.finally(() => {
        inHand.delete(sent);
        if (!crowded(letter.channel)) of.freed();
      });
    }
    return begun.taken;
  }

  /** Whatever was thrown on the way: the lease ends, and the vendor is asked. */
  async function send(letter: Letter): Promise<void> {
    try {
      const handed = await of.hands.hand(letter);
      const { attemptId, recipientId, channel, startedAt, asks, message, tenantId } = letter;
      const outcome = { attemptId, recipientId, channel, startedAt, asks, address: message.to, chance: of.chance() };
      await of.settles.note(tenantId, { ...outcome, by: "handing", handed });
    } catch (error) {
      of.log.error({ err: error, attempt: letter.attemptId }, "a message was lost sight of");
    }
  }

  /** Who wrote to us on WhatsApp within a day may be written to without a template. */
  function windows(letters: readonly Letter[]): Promise<Set<string>> {
    const to = letters.filter(({ channel }) => channel === "whatsapp").map(({ message }) => message.to);
    const since = new Date(of.now().getTime() - dayMs);
    return to.length === 0
      ? Promise.resolve(new Set())
      : of.line.use((lane) => wroteSince(lane, "whatsapp", to, since));
  }

  return {
    look,
    /** Resolves when nothing is in hand. */
    async rest() {
      while (inHand.size > 0) await Promise.all(inHand);
    },
  };
}

const windowed = (letter: Letter): Letter =>
  letter.channel === "whatsapp" ? { ...letter, message: { ...letter.message, insideWindow: true } } : letter;
