import { all, type Fields, fieldsOf, needed, text, textIn, time, word } from "./fields.ts";
import { readInfo } from "./info.ts";
import type { CapAlert } from "./model.ts";
import { shown } from "./problems.ts";
import { atMost, type Reading, report } from "./reading.ts";
import { readReferences } from "./references.ts";
import { quotedWords } from "./text.ts";
import { type CapVersion, msgTypes, namespaces, scopes, statuses } from "./vocabulary.ts";
import type { Element } from "./xml.ts";

export const alertLayout = [
  ...["identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code*"],
  ...["note", "references", "incidents", "info*", "Signature*"],
];

/** Reads an `alert`. What it makes is sound only if the reading found no problem. */
export function readAlert(reading: Reading, element: Element): CapAlert {
  const version = readVersion(reading, element);
  const fields = fieldsOf(reading, element, alertLayout);
  const one = (name: string) => text(reading, fields, name);
  const infos = all(fields, "info");
  atMost(element, infos.length, reading.limits.infos, "infos");
  const alert: CapAlert = {
    version,
    identifier: needed(reading, fields, "identifier", readName(reading, fields, "identifier")),
    sender: needed(reading, fields, "sender", readName(reading, fields, "sender")),
    sent: needed(reading, fields, "sent", time(reading, fields, "sent")),
    status: needed(reading, fields, "status", word(reading, fields, "status", statuses)),
    msgType: needed(reading, fields, "msgType", word(reading, fields, "msgType", msgTypes)),
    source: one("source"),
    scope: needed(reading, fields, "scope", word(reading, fields, "scope", scopes)),
    restriction: one("restriction"),
    addresses: quotedWords(one("addresses") ?? ""),
    code: all(fields, "code").flatMap((each) => textIn(reading, each) || []),
    note: one("note"),
    references: readReferences(reading, fields),
    incidents: quotedWords(one("incidents") ?? ""),
    info: infos.map((each) => readInfo(reading, each, version)),
    signatures: all(fields, "Signature").map((each) => ({
      xml: reading.xml.slice(each.from, each.to),
      state: "unverified",
    })),
  };
  checkTogether(reading, fields, alert);
  return alert;
}

function readVersion(reading: Reading, element: Element): CapVersion {
  if (element.uri in namespaces) return namespaces[element.uri as keyof typeof namespaces];
  if (element.uri === "") report(reading, element, "namespace_missing", "The alert has no namespace.");
  else report(reading, element, "namespace_unsupported", `The namespace ${shown(element.uri)} is not CAP 1.1 or 1.2.`);
  return "1.2";
}

function readName(reading: Reading, fields: Fields, name: "identifier" | "sender"): string | null {
  const said = text(reading, fields, name);
  if (said && /[ \t\r\n,<&]/.test(said)) {
    report(reading, all(fields, name)[0] as Element, "identifier_form", `${shown(said)} has spaces, commas, < or &.`);
  }
  return said;
}

/** What CAP asks of a field because of another. */
function checkTogether(reading: Reading, { at, found }: Fields, alert: CapAlert): void {
  const follows = alert.msgType !== null && alert.msgType !== "Alert";
  if (follows && alert.references.length === 0) {
    const [there] = found.get("references") ?? [];
    const message = `An alert of type ${alert.msgType} must say which one it refers to.`;
    report(reading, there ?? at, "references_missing", message, there ? undefined : "references");
  }
  if (alert.scope === "Private" && alert.addresses.length === 0) {
    report(reading, at, "addresses_missing", "A private alert must have addresses.", "addresses");
  }
  if (alert.scope === "Restricted" && alert.restriction === null) {
    report(reading, at, "restriction_missing", "A restricted alert must say the restriction.", "restriction");
  }
  for (const each of found.get("Signature") ?? []) {
    report(reading, each, "signature_unverified", "The signature was not verified.");
  }
}
