import { uuidOf } from "@dais/contracts/kit/ids";
import type { SignalInput } from "@dais/contracts/signals";
import { digest, sha256 } from "@dais/kernel/canonical";
import type { z } from "zod";

type Input = z.infer<typeof SignalInput>;

/**
 * A text as it is compared: compatibility forms, letter case, digits of any script, the ways to write Arabic, marks and spaces make no
 * difference. A text of marks only keeps them. @see UAX #15 (NFKC)
 */
export function normalised(text: string): string {
  const letters = folded(text.normalize("NFKC"))
    .replace(unseen, "")
    .replace(/\p{Nd}/gu, asciiDigit);
  const arabic = letters
    .replace(/[أإآٱ]/g, "ا")
    .replace(/[ىی]/g, "ي")
    .replace(/ک/g, "ك")
    .replace(/ة/g, "ه");
  const words = arabic.replace(/[\p{P}\p{S}\p{Z}\p{Cc}]+/gu, " ").trim();
  return (words === "" ? arabic.replace(/\s+/g, " ").trim() : words).normalize("NFKC");
}

/** What reports of the same thing have in common: title and category. Other classifications and entities never meet. */
export const fingerprintOf = ({ title, category, classification, entityId }: Input): string =>
  sha256([classification, entityOf(entityId), category, normalised(title)].join("\n"));

/** Source and external id; null where the source gave none. Other classifications and entities never meet. */
export const identityOf = ({ source, externalId, classification, entityId }: Input): string | null =>
  externalId === null ? null : sha256([classification, entityOf(entityId), source, externalId].join("\n"));

/** Of all that a report says, whatever way its moments are written in. Classification and entity say nothing between reports that meet. */
export const digestOf = ({ classification: _level, entityId: _entity, ...said }: Input): string =>
  digest({
    ...said,
    occurredAt: moment(said.occurredAt),
    reportedAt: moment(said.reportedAt),
    expiresAt: said.expiresAt && moment(said.expiresAt),
  });

const entityOf = (id: string | null): string => (id === null ? "" : uuidOf(id));
const moment = (text: string): string => new Date(text).toISOString();

// Tatweel, Arabic diacritics and Quranic marks, and what has no width: joiners, directions, soft hyphens.
const unseen = /[\u0640\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]|\p{Cf}/gu;

/** Full case folding as far as it matters: ß is ss, and a sigma is one wherever it stands. */
const folded = (text: string): string => text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");

/** Decimal digits stand in runs of ten, from zero to nine. */
function asciiDigit(digit: string): string {
  const point = digit.codePointAt(0) as number;
  let zero = point;
  while (point - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(point - zero);
}
