import type { CapAlert } from "@dais/cap/model";
import { type Signal, severities } from "@dais/contracts/signals";
import type { Same } from "../ingest.ts";
import type { KnownAlert } from "./known.ts";
import { isSaying } from "./names.ts";
import type { Finding } from "./reading.ts";
import { isCancel, type Message, type Thread, threadsAmong } from "./threads.ts";

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
  signature: "none" | "unverified" | "verified";
};

/** A message that came now, or before; both where it came again. */
export type Spoken = Message & { came: Came | null; known: KnownAlert | null };

/** Alerts that speak of one thing, and what is there of it. */
export type Matter = Thread<Spoken> & {
  /** Signals that are there of it. */
  signals: string[];
  /** Those that came now and report it, in the order in which they were sent. */
  reports: Came[];
  /** When the newest of those was sent that came before. */
  newestAt: number;
};

/** Puts alerts that came together with those that came before, as far as they speak of one thing. */
export function mattersOf(came: readonly Came[], known: readonly KnownAlert[]): Matter[] {
  const knownBy = new Map(known.map((one) => [one.name, one]));
  const cameBy = new Map(came.map((one) => [one.name, one]));
  const messages = [
    ...came.filter(({ alert }) => isSaying(alert)).map((one) => cameMessage(one, knownBy.get(one.name) ?? null)),
    ...known.filter((one) => says(one) && !cameBy.has(one.name)).map(knownMessage),
  ];
  return threadsAmong(messages).map(matterOf);
}

const cameMessage = (came: Came, known: KnownAlert | null): Spoken => ({
  ...{ name: came.name, refers: came.refers, type: came.alert.msgType, sentAt: came.sentAt },
  ...{ came, known },
});
const knownMessage = (known: KnownAlert): Spoken => ({
  ...{ name: known.name, refers: known.refers, type: known.messageType, sentAt: known.sentAt },
  ...{ came: null, known },
});
const says = ({ status, messageType }: KnownAlert): boolean =>
  isSaying({ status, msgType: messageType } as Pick<CapAlert, "status" | "msgType">);

function matterOf(thread: Thread<Spoken>): Matter {
  const said = thread.messages.filter((one) => !isCancel(one));
  const before = [...said, ...thread.cancels].flatMap(({ known }) => known?.sentAt ?? []);
  return {
    ...thread,
    signals: [...new Set(said.flatMap(({ known }) => known?.signalId ?? []))],
    reports: said.flatMap(({ came }) => came ?? []).sort((a, b) => a.sentAt - b.sentAt),
    newestAt: Math.max(...before),
  };
}

/** What nothing is known of is wanted only if any of it is severe enough; what is known, to its end. */
export function isWanted({ messages, reports }: Matter, least: Signal["severity"] | null = null): boolean {
  if (least === null || reports.length === 0 || messages.some(({ known }) => known)) return true;
  const rank = (one: string) => severities.indexOf(one.toLowerCase() as Signal["severity"]);
  return reports.some(({ alert }) => alert.info.some(({ severity }) => rank(severity) <= rank(least)));
}

/** What ingest is told of reports, which it knows by their places: those of a matter are one signal, and those that are there of it. */
export function sameOf(matters: readonly Matter[], reports: readonly Came[]): Map<number, Same> {
  const place = new Map(reports.map((one, n) => [one, n]));
  const pairs = matters.flatMap(({ signals, reports: [first, ...others] }): [number, Same][] => {
    if (!first) return [];
    const at = place.get(first) as number;
    return [[at, signals], ...others.map((one): [number, Same] => [place.get(one) as number, [at, ...signals]])];
  });
  return new Map(pairs.filter(([, same]) => same.length > 0));
}
