import { readFileSync } from "node:fs";
import type { SignalInput } from "@dais/contracts/signals";
import { XMLParser } from "fast-xml-parser";
import type { z } from "zod";

type Input = z.input<typeof SignalInput>;
type Node = Record<string, unknown>;

/** What was read of one file: a signal for each `info` of an alert or entry of a feed, and what they should have but lack. */
export type Reading = { file: string; signals: Input[]; lacks: { alert: string; fields: string[] }[] };

/** The files of alerts/, in the order in which they are loaded. */
export const files = [
  "nws-atom-feed.xml",
  "australia.cap",
  "canada.cap",
  "canada_errors.cap",
  "earthquake.cap",
  "weather.cap",
];

/** Reads one of the files. */
export function readAlerts(file: string): Reading {
  const xml = readFileSync(new URL(`./alerts/${file}`, import.meta.url), "utf8");
  return { file, ...read(xml) };
}

/**
 * Reads a CAP 1.1 or 1.2 alert, or an Atom feed of CAP summaries. What lacks an identifier, a sender or a time is left out.
 * @see OASIS CAP 1.2, section 3.2
 * @throws Error for a text with a DOCTYPE: without one, XML has no entities but its own five
 */
export function read(xml: string): Omit<Reading, "file"> {
  if (/<!DOCTYPE/i.test(xml)) throw new Error("An alert must not have a DOCTYPE.");
  const { alert, feed } = parser.parse(xml) as { alert?: Node; feed?: Node };
  const alerts = alert ? [alert] : list(feed?.entry).map(alertOf);
  const lacks = alerts.map((each) => ({ alert: text(each.identifier) ?? "(no identifier)", fields: lackingOf(each) }));
  const whole = alerts.filter((each) => text(each.identifier) && senderOf(each) && text(each.sent));
  return {
    signals: whole.flatMap((each) => list(each.info).map((info, n) => signalOf(each, info, n))),
    lacks: lacks.filter(({ fields }) => fields.length > 0),
  };
}

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (name) => ["entry", "info", "category", "area", "areaDesc"].includes(name),
});

/** An entry of a feed in the form of the alert that it sums up. Its id stands for the identifier, which it doesn't tell. */
const alertOf = (entry: Node): Node => ({
  identifier: entry.id,
  sender: (entry.author as Node | undefined)?.name,
  sent: entry.published ?? entry.updated,
  msgType: entry.msgType,
  info: [{ ...entry, headline: entry.title, description: entry.summary, area: [{ areaDesc: entry.areaDesc }] }],
});

function signalOf(alert: Node, info: Node, n: number): Input {
  const identifier = text(alert.identifier) as string;
  const sent = instant(alert.sent) as string;
  const areas = list(info.area).flatMap(({ areaDesc }) => list<unknown>(areaDesc).flatMap((each) => text(each) ?? []));
  return {
    source: senderOf(alert) as string,
    // One alert may say the same in several languages, or several things: each `info` is a signal of its own.
    externalId: n === 0 ? identifier : `${identifier}#${n + 1}`,
    title: cut(500, (text(info.headline) ?? text(info.event) ?? "Alert").replace(/\s+/g, " ")),
    body: [text(info.description), text(info.instruction)].filter(Boolean).join("\n\n"),
    severity: (text(info.severity)?.toLowerCase() ?? "unknown") as Input["severity"],
    category: (text(list<unknown>(info.category)[0])?.toLowerCase() ?? "other") as Input["category"],
    classification: "public",
    confidence: confidences[text(info.certainty) ?? ""] ?? null,
    area: areas.length > 0 ? cut(2000, areas.join("; ")) : null,
    language: text(info.language) ?? "en-US", // CAP's own default
    occurredAt: instant(info.onset) ?? instant(info.effective) ?? sent,
    reportedAt: sent,
    expiresAt: instant(info.expires),
  };
}

// CAP says: likely is p > ~50 %, possible p <= ~50 %, unlikely p ~ 0. The middle of each.
const confidences: Record<string, number> = { Observed: 1, Likely: 0.75, Possible: 0.25, Unlikely: 0 };

/** The domain of an alert's sender, which is a mail address or a URL. */
function senderOf(alert: Node): string | undefined {
  const sender = text(alert.sender);
  const host = sender && URL.canParse(sender) ? new URL(sender).hostname : sender?.split("@").at(-1);
  return host?.toLowerCase();
}

/** Fields that CAP asks for, and those that a reader misses most, where they are not there or empty. */
function lackingOf(alert: Node): string[] {
  const follows = ["Update", "Cancel", "Ack", "Error"].includes(text(alert.msgType) ?? "");
  const own = ["identifier", "sender", "sent", ...(follows ? ["references"] : [])].filter((name) => !text(alert[name]));
  const wanted = ["event", "urgency", "severity", "certainty", "headline", "description"];
  const infos = list(alert.info).flatMap((info) => wanted.filter((name) => !text(info[name])));
  return [...own, ...new Set(infos)];
}

const list = <T = Node>(value: unknown): T[] => (value === undefined ? [] : ([value].flat() as T[]));
const text = (value: unknown): string | undefined => (typeof value === "string" && value.trim() ? value : undefined);
const cut = (most: number, whole: string): string => (whole.length > most ? `${whole.slice(0, most - 1)}…` : whole);

function instant(value: unknown): string | null {
  const time = Date.parse(text(value) ?? "");
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
