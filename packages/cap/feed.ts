import { readAlert } from "./alert.ts";
import type { CapAlert, CapEntry, CapFeed, CapLink } from "./model.ts";
import { atMost, type Reading, report, soundOnly } from "./reading.ts";
import { lackingIn, readSummary } from "./summary.ts";
import { trimmed } from "./text.ts";
import { atomNamespace, namespaces } from "./vocabulary.ts";
import { childrenOf, type Element, textOf } from "./xml.ts";

/** Reads an Atom feed with alerts, with summaries of alerts, or with links to alerts. @see RFC 4287 */
export function readFeed(reading: Reading, root: Element): CapFeed {
  const entries = atomIn(root, "entry");
  atMost(root, entries.length, reading.limits.alerts, "entries");
  return {
    id: atomText(root, "id"),
    title: atomText(root, "title"),
    updated: atomText(root, "updated"),
    links: linksOf(root),
    entries: entries.map((entry) => readEntry(reading, root, entry)),
  };
}

/** The alerts within an element, whatever is around them. One within another is none. */
export function alertsWithin(element: Element): Element[] {
  return childrenOf(element).flatMap((child) => (isAlert(child) ? [child] : alertsWithin(child)));
}

/** Whether an element is an alert, of any namespace of CAP's or of none. */
export const isAlert = ({ name, uri }: Element): boolean => name === "alert" && (uri === "" || /\bcap\b/i.test(uri));

function readEntry(reading: Reading, root: Element, entry: Element): CapEntry {
  const told = {
    id: atomText(entry, "id"),
    title: atomText(entry, "title"),
    published: atomText(entry, "published"),
    updated: atomText(entry, "updated"),
    links: linksOf(entry),
  };
  const whole = alertsWithin(entry);
  if (whole.length > 0) {
    const alerts = whole.flatMap((each) => soundOnly(reading, () => readAlert(reading, each)) ?? []);
    return { ...told, kind: "alert", alerts, lacks: [] };
  }
  const fields = childrenOf(entry).filter(({ uri }) => uri in namespaces);
  if (fields.length === 0) {
    report(reading, entry, "entry_without_alert", "The entry has no alert; it may link to one.");
    return { ...told, kind: "link", alerts: [], lacks: [] };
  }
  const stand = {
    ...told,
    sender: authorOf(entry) ?? authorOf(root),
    summary: atomText(entry, "summary"),
  };
  const alert = soundOnly<CapAlert | null>(reading, () => readSummary(reading, entry, fields, stand));
  return { ...told, kind: "summary", alerts: alert ? [alert] : [], lacks: lackingIn(fields) };
}

function authorOf(element: Element): string | null {
  const [author] = atomIn(element, "author");
  return author ? (atomText(author, "email") ?? atomText(author, "uri") ?? atomText(author, "name")) : null;
}

function linksOf(element: Element): CapLink[] {
  return atomIn(element, "link").flatMap(({ attributes }) => {
    const value = (name: string) => attributes.find((each) => each.local === name && each.uri === "")?.value;
    const href = value("href");
    return href ? [{ href, rel: value("rel") ?? "alternate", type: value("type") ?? null }] : [];
  });
}

function atomText(element: Element, name: string): string | null {
  const [found] = atomIn(element, name);
  return (found && trimmed(textOf(found))) || null;
}

const atomIn = (element: Element, name: string): Element[] =>
  childrenOf(element).filter((child) => child.name === name && child.uri === atomNamespace);
