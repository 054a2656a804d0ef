import { type IdKind, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { newKeyText } from "@dais/kernel/keys";

/**
 * When the demo's day starts: Tuesday, 6 January 2026, 08:00 in Dubai. What the demo organisation reports itself is told
 * from here; alerts from outside keep the times that their senders gave them.
 */
export const DEMO_EPOCH = new Date("2026-01-06T04:00:00.000Z");

/** A moment so many minutes after the start of the demo's day; before it, if negative. */
export const minutes = (after: number): Date => new Date(DEMO_EPOCH.getTime() + after * 60_000);

/** When the demo organisations were set up: the day before. */
export const founded = minutes(-24 * 60);

/** A fixed public id. Where the contract's examples show one of these, it is the demo's: an example can be tried as it stands. */
export const demoId = (kind: IdKind, last: string): string => `${kind}_01kejc8ht0e6ssypg6m30swm${last}`;

/** The uuid behind a fixed public id. */
export const demoUuid = (kind: IdKind, last: string): string => uuidOf(demoId(kind, last));

/** The text of a demo key: the same on every machine, and so no secret. */
export function demoKeyText(organisation: string, holder: string): string {
  return newKeyText(organisation, () => Buffer.from(sha256(`Dais demo key: ${organisation} ${holder}`), "hex"));
}
