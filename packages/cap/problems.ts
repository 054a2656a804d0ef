/**
 * What may be wrong with a document, and what becomes of it.
 *
 * - `refuse`: a problem. Nothing sound can be made of it, or what could be made would be a guess.
 * - `tolerate`: a problem; with `lenient`, a warning, since its meaning is plain all the same.
 * - `warn`: the standard allows it, and a reader should know.
 */
export const policies = {
  // The document.
  too_large: "refuse",
  too_deep: "refuse",
  too_many: "refuse",
  encoding_unsupported: "refuse",
  encoding_lies: "refuse",
  dtd: "refuse",
  entity_unknown: "refuse",
  not_well_formed: "refuse",
  no_alert: "refuse",
  namespace_unsupported: "refuse",
  /** Lenient: read as CAP 1.2. */
  namespace_missing: "tolerate",

  // Elements.
  field_missing: "refuse",
  /** Which of two would count? */
  field_repeated: "refuse",
  element_order: "tolerate",
  /** Lenient: left out; so is what else doesn't belong where it stands. Text inside of it stays in a text. */
  element_unknown: "tolerate",
  attribute_unknown: "tolerate",
  text_stray: "tolerate",

  // Values.
  value_unknown: "refuse",
  /** Lenient: a word, a time or a number that is empty counts as absent, where it may be. */
  value_empty: "tolerate",
  /** Lenient: other case or spaces, and `Very Likely`, which CAP 1.0 had, for `Likely`. */
  value_form: "tolerate",
  /** Lenient: kept. No spaces, commas, `<` or `&`: a reference to it can't be told from two. */
  identifier_form: "tolerate",
  time_bad: "refuse",
  /** Never guessed: an hour may decide. */
  time_without_zone: "refuse",
  /** Lenient: `Z` becomes `-00:00`, fractions of a second are cut off. */
  time_form: "tolerate",
  number_bad: "refuse",
  /** Lenient: left out. */
  language_bad: "tolerate",
  /** Lenient: what a URI can't hold is percent-encoded. */
  uri_bad: "tolerate",
  /** CAP 1.1 lets a resource be without; stands for by `application/octet-stream`. */
  mime_type_missing: "warn",

  // References, and what one field asks of another.
  /** Lenient: those that can't be read are left out. */
  references_bad: "tolerate",
  /** An update, a cancellation, an acknowledgement or an error that doesn't say of what. */
  references_missing: "tolerate",
  addresses_missing: "tolerate",
  restriction_missing: "tolerate",
  ceiling_without_altitude: "tolerate",

  // Places.
  polygon_bad: "refuse",
  polygon_short: "refuse",
  /** Lenient: closed. */
  polygon_open: "tolerate",
  polygon_crosses_itself: "warn",
  polygon_crosses_date_line: "warn",
  polygon_around_pole: "warn",
  circle_bad: "refuse",
  coordinate_range: "refuse",
  /** Lenient: a longitude up to 360 degrees is turned back into -180 to 180. */
  longitude_wrapped: "tolerate",

  // Kept as it came.
  signature_unverified: "warn",
  /** The entry only says where its alert is. */
  entry_without_alert: "warn",
  /** There was more to say than is worth saying. */
  more: "warn",
} as const satisfies Record<string, "refuse" | "tolerate" | "warn">;

export type CapCode = keyof typeof policies;

/** `xpath` is by local names, with a position where an element may repeat: `/alert/info[2]/area[1]/areaDesc`. */
export type CapProblem = { code: CapCode; xpath: string; message: string };
export type CapWarning = CapProblem;

/** A document that can't be taken, with everything that is wrong with it. */
export class CapError extends Error {
  readonly problems: readonly CapProblem[];

  constructor(problems: readonly CapProblem[]) {
    super(problems.map(({ xpath, message }) => `${xpath}: ${message}`).join("\n"));
    this.name = "CapError";
    this.problems = problems;
  }
}

/** A foreign value for a message: quoted, and short. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60).toWellFormed()}…` : value);
}
