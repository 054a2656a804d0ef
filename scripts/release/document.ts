import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asyncApiDocument } from "@dais/documents/asyncapi";
import { type Change, compare } from "@dais/documents/breaking";
import { compareEvents } from "@dais/documents/breaking/events";
import type { Declared } from "@dais/documents/breaking/purpose";
import { review } from "@dais/documents/breaking/report";
import { openApiDocument } from "@dais/documents/openapi";

export const root = join(import.meta.dirname, "../..");
export const paths = {
  current: join(root, "contracts/openapi.json"),
  released: join(root, "contracts/released/openapi.json"),
  events: join(root, "contracts/asyncapi.json"),
  releasedEvents: join(root, "contracts/released/asyncapi.json"),
  onPurpose: join(root, "contracts/released/on-purpose.json"),
  version: join(root, "contracts/version.ts"),
  changelog: join(root, "CHANGELOG.md"),
};

type Released = { info: { version: string } };
const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

/** The last released document; null before the first release. */
export const releasedDocument = (): Released | null => (existsSync(paths.released) ? read(paths.released) : null);

/** What was released of events; null before the first release that had any. */
const releasedEvents = (): object | null => (existsSync(paths.releasedEvents) ? read(paths.releasedEvents) : null);

/** Breaks that are meant, since the last release. */
export const declaredBreaks = (): Declared[] => read(paths.onPurpose);

/** What callers would notice of a release now; null before the first one. */
export function changesSinceRelease(): Change[] | null {
  const released = releasedDocument();
  return released && [...compare(released, openApiDocument()), ...compareEvents(releasedEvents(), asyncApiDocument())];
}

/** Whether the API may go in as it is, and what to say about it. */
export function checkDocument(): { text: string; fine: boolean } {
  const version = releasedDocument()?.info.version;
  if (!version) return { text: "Nothing was released yet.\n", fine: true };
  return review(changesSinceRelease() ?? [], declaredBreaks(), version);
}
