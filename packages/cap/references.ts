import { all, type Fields, textIn } from "./fields.ts";
import type { CapReference } from "./model.ts";
import { shown } from "./problems.ts";
import { type Reading, report } from "./reading.ts";
import { words } from "./text.ts";
import { readTime } from "./time.ts";

/** The messages that an alert refers to. @see OASIS CAP 1.2, `references`: `sender,identifier,sent`, with spaces between */
export function readReferences(reading: Reading, fields: Fields): CapReference[] {
  const [element] = all(fields, "references");
  if (!element) return [];
  return words(textIn(reading, element)).flatMap((said) => {
    const reference = readReference(said);
    if (!reference) report(reading, element, "references_bad", `${shown(said)} is no sender,identifier,sent.`);
    else if (!reference.exact) report(reading, element, "time_form", `${shown(said)} should end in ${reference.sent}.`);
    return reference ? [{ sender: reference.sender, identifier: reference.identifier, sent: reference.sent }] : [];
  });
}

/** References in CAP's form. */
export function joinReferences(references: readonly CapReference[]): string {
  return references.map(({ sender, identifier, sent }) => `${sender},${identifier},${sent}`).join(" ");
}

function readReference(said: string): (CapReference & { exact: boolean }) | null {
  const [sender, identifier, sent, ...more] = said.split(",", 4);
  const read = readTime(sent ?? "");
  if (!sender || !identifier || more.length > 0 || typeof read === "string") return null;
  return { sender, identifier, sent: read.time, exact: read.exact };
}
