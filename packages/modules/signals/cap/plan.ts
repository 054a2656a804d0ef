import type { CapAlert } from "@dais/cap/model";
import type { Same } from "../ingest.ts";
import { union } from "../union.ts";
import type { KnownAlert } from "./known.ts";
import { foreign, isSaying } from "./names.ts";
import type { Finding } from "./reading.ts";

/** An alert that came now. */
export type Came = {
  /** The uuid that it is kept under, if it is new. */
  id: string;
  path: string;
  alert: CapAlert;
  name: string;
  refers: readonly string[];
  sentAt: number;
  findings: Finding[];
};

/** What is to be done with the alerts that speak of one thing. */
export type Thread = {
  /** Signals that are there of it. */
  signals: string[];
  /** Those that are reports of it, in the order in which they were sent. */
  reports: Came[];
  /** Cancellations that hold: nothing newer was said. `came`: null for one that had come before what it speaks of. */
  cancels: { note: string | null; came: Came | null }[];
  /** Those that came too late to change anything. */
  late: Came[];
  /** Those that had come already. */
  again: Came[];
  /** Alerts that came before, and of which nobody knew whose they are. */
  waiting: KnownAlert[];
};

type Message = { name: string; refers: readonly string[]; type: string; came: Came | null; known: KnownAlert | null };

/**
 * Puts alerts together that speak of one thing: an update or a cancellation, and the alerts of its own sender that it refers to, over any
 * number of steps, whether these came or not. What is older than the newest message about a thing changes nothing.
 */
export function threadsOf(came: readonly Came[], known: readonly KnownAlert[]): Thread[] {
  const messages = [
    ...came.filter(({ alert }) => isSaying(alert)).map(cameMessage),
    ...known.filter(says).map(knownMessage),
  ];
  return together(messages).flatMap((its) => (its.some((one) => one.came) ? [threadOf(its)] : []));
}

type Referring = { name: string; refers: readonly string[]; type: string };

/** Messages in threads: those that act on others, over any number of steps, whether these are among them or not. */
export function together<T extends Referring>(messages: readonly T[]): T[][] {
  const names = union<string>();
  for (const message of messages) {
    names.find(message.name);
    for (const name of actingOn(message)) names.join(name, message.name);
  }
  return [...Map.groupBy(messages, ({ name }) => names.find(name)).values()];
}

const cameMessage = (one: Came): Message => ({
  ...{ name: one.name, refers: one.refers, type: one.alert.msgType },
  ...{ came: one, known: null },
});
const knownMessage = (one: KnownAlert): Message => ({
  ...{ name: one.name, refers: one.refers, type: one.messageType },
  ...{ came: null, known: one },
});
const says = ({ status, messageType }: KnownAlert): boolean =>
  isSaying({ status, msgType: messageType } as Pick<CapAlert, "status" | "msgType">);

/** A first alert acts on none, whatever it refers to. */
const actingOn = ({ refers, type }: Referring): readonly string[] =>
  type === "Update" || type === "Cancel" ? refers.filter((name) => !name.startsWith(foreign)) : [];

function threadOf(messages: readonly Message[]): Thread {
  const known = messages.flatMap((one) => one.known ?? []);
  const came = messages.flatMap((one) => one.came ?? []).sort((a, b) => a.sentAt - b.sentAt);
  const there = new Map(known.map((one) => [one.name, one]));
  const again = came.filter(({ name }) => there.has(name));
  const fresh = came.filter(({ name }) => !there.has(name));
  const waiting = known.filter(({ signalId }) => signalId === null);
  const newestAt = Math.max(...known.filter((one) => !waiting.includes(one)).map(({ sentAt }) => sentAt));
  const isNewest = ({ sentAt }: { sentAt: number }) => sentAt >= newestAt;

  const reports = [
    // Another source brings what was said last: it counts. Of anything older it knows less than we do.
    ...again.filter((one) => isReport(one) && isNewest(one) && there.get(one.name)?.signalId),
    ...fresh.filter((one) => isReport(one) && isNewest(one)),
  ];
  const lastAt = Math.max(newestAt, ...reports.map(({ sentAt }) => sentAt));
  const holds = ({ sentAt }: { sentAt: number }) => sentAt >= lastAt;
  const cancels = fresh.filter((one) => !isReport(one));
  return {
    signals: openOf(known),
    reports,
    cancels: [
      ...waiting.filter((one) => one.messageType === "Cancel" && holds(one)).map(({ note }) => ({ note, came: null })),
      ...cancels.filter(holds).map((one) => ({ note: one.alert.note, came: one })),
    ],
    late: [...fresh.filter((one) => isReport(one) && !isNewest(one)), ...cancels.filter((one) => !holds(one))],
    again: again.filter((one) => !reports.includes(one)),
    waiting,
  };
}

const isReport = ({ alert }: Came): boolean => alert.msgType !== "Cancel";

/** The signals that are there; those that were withdrawn only where there are no others. */
function openOf(known: readonly KnownAlert[]): string[] {
  const there = known.filter(({ signalId }) => signalId !== null);
  const open = there.filter(({ state }) => state !== "withdrawn");
  return [...new Set((open.length > 0 ? open : there).map(({ signalId }) => signalId as string))];
}

/** What ingest is told of reports, which it knows by their places: those of a thread are one signal, and those that are there of it. */
export function sameOf(threads: readonly Thread[], reports: readonly Came[]): Map<number, Same> {
  const place = new Map(reports.map((one, n) => [one, n]));
  const pairs = threads.flatMap(({ signals, reports: [first, ...others] }): [number, Same][] => {
    if (!first) return [];
    const at = place.get(first) as number;
    return [[at, signals], ...others.map((one): [number, Same] => [place.get(one) as number, [at]])];
  });
  return new Map(pairs.filter(([, same]) => same.length > 0));
}
