import type { Dispatch } from "@dais/contracts/dispatches";
import type { Channel } from "@dais/contracts/dispatches/values";
import type { Settings } from "@dais/contracts/organisations/settings";

type Prices = Settings["communications"]["prices"];
type Addressee = Dispatch["audience"]["addressees"][number];
export type Reached = { people: number; addressees: readonly Addressee[] };

/** Channels that reach who is no person of the organisation, and the address that each takes. */
const addressIn: Partial<Record<Channel, "phone" | "email">> = { whatsapp: "phone", sms: "phone", email: "email" };

/** Those of some channels that can be used for an address that was said. */
export const usable = (one: Addressee, channels: readonly Channel[]): Channel[] =>
  channels.filter((channel) => {
    const field = addressIn[channel];
    return field !== undefined && one[field] !== null;
  });

/** What was said, as recipients have it: channel -> address. */
export const addressesOf = ({ phone, email }: Addressee): Partial<Record<Channel, string>> => ({
  ...(phone !== null && { whatsapp: phone, sms: phone }),
  ...(email !== null && { email }),
});

/** In how many segments its text goes out by SMS: in one language or the other, to a short name or a long one. */
export type Segments = { least: number; most: number };

/**
 * What a dispatch comes to: at least, where everybody is reached on the first channel; at most, where everybody needs all of them. What is
 * read in the portal costs nothing, and neither does a rehearsal. An SMS is paid for by its segments.
 */
export function estimateOf(
  { people, addressees }: Reached,
  {
    policy: { steps },
    drill,
    prices,
    segments,
  }: Pick<Dispatch, "policy" | "drill"> & { prices: Prices; segments: Segments },
): Dispatch["estimate"] {
  const ladder = steps.map(({ channel }) => channel);
  const [least, most] = [new Map<Channel, number>(), new Map<Channel, number>()];
  const count = (into: Map<Channel, number>, channels: readonly (Channel | undefined)[], times: number) => {
    for (const channel of channels)
      if (channel && channel !== "in_app" && !drill) into.set(channel, (into.get(channel) ?? 0) + times);
  };
  count(least, ladder.slice(0, 1), people);
  count(most, ladder, people);
  for (const one of addressees) {
    const its = usable(one, ladder);
    count(least, its.slice(0, 1), 1);
    count(most, its, 1);
  }
  const cost = priced(prices);
  return {
    messages: { least: sum(least), most: sum(most) },
    cost: cost && { least: cost(least, segments.least), most: cost(most, segments.most) },
  };
}

const sum = (counts: ReadonlyMap<Channel, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);

/** Adds up to the millionth, in whole numbers; null without a price list. */
function priced(prices: Prices) {
  const [first] = Object.values(prices ?? {});
  if (!prices || !first) return null;
  return (counts: ReadonlyMap<Channel, number>, segments: number) => {
    let all = 0n;
    for (const [channel, n] of counts)
      all += millionths(prices[channel]?.amount ?? "0") * BigInt(channel === "sms" ? n * segments : n);
    return { amount: decimal(all), currency: first.currency };
  };
}

function millionths(amount: string): bigint {
  const [whole = "0", part = ""] = amount.split(".");
  return BigInt(whole + part.padEnd(6, "0"));
}

/** With two digits behind the point at least. */
function decimal(all: bigint): string {
  const text = all.toString().padStart(7, "0");
  return `${text.slice(0, -6)}.${text.slice(-6, -4)}${text.slice(-4).replace(/0+$/, "")}`;
}

/** What so many messages would cost on the dearest channel, an SMS in one segment: nobody knows their texts. Null without a price list. */
export function dearest(prices: Prices, messages: number): { amount: string; currency: string } | null {
  const [first] = Object.values(prices ?? {});
  if (!prices || !first) return null;
  const [most = 0n] = Object.values(prices)
    .map(({ amount }) => millionths(amount))
    .sort((a, b) => Number(b - a));
  return { amount: decimal(most * BigInt(messages)), currency: first.currency };
}
