import { z } from "zod";

/** Grows by one with every change. Whoever changes a thing sends back the version that they saw. */
export const Version = z.int().min(1).max(2_147_483_647).meta({
  description: "Grows by one with every change. Send it back (or as `If-Match`) to change the thing.",
  example: 1,
});

/** A moment, RFC 3339 in UTC, to the millisecond. Years 1 to 9999: what the database and every client can hold. */
export const Instant = z.iso
  .datetime()
  .max(30)
  .refine((text) => !text.startsWith("0000"), "Year 0000 does not exist.")
  .meta({ description: "RFC 3339, UTC.", example: "2026-01-06T05:30:00.000Z" });

/** A calendar day in the tenant's time zone. */
export const Day = z.iso.date().meta({ description: "Calendar day in the tenant's time zone.", example: "2026-01-06" });

/** One line that a person reads: no line breaks, no control characters, not only spaces. */
export const line = (max: number) =>
  z
    .string()
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused; \p{Cc} would need a flag that JSON Schema has not.
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, "Must be one line, without control characters.")
    .regex(/\S/, "Must not be empty.");

/** Text of several lines. From outside it is data: shown as text, never interpreted. */
export const text = (max: number) => z.string().max(max);

/** A name in English, and in Arabic where there is one. */
export const Name = z
  .object({ en: line(200), ar: line(200).nullable() })
  .meta({ id: "Name", description: "A name in English and Arabic.", example: { en: "Holding", ar: "القابضة" } });

export const NameInput = z.strictObject({ en: line(200), ar: line(200).nullable().default(null) });

/**
 * A level of classification, by its key. The levels and their order are the organisation's own
 * (`organisations.current`); the default is public < internal < confidential < secret.
 */
export const Classification = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, "Must be the key of a level: small letters, digits, - and _.")
  .meta({
    description: "Key of a classification level. What lies above the caller's clearance does not exist for them.",
    example: "internal",
  });

/** Marks a field that is shown once: a replay of the same call answers `null` in its place. */
export const secret = () =>
  z.string().max(200).nullable().meta({
    description: "Shown once. A replay of the same call answers null here: make a new one instead.",
    "x-dais-secret": true,
  });
