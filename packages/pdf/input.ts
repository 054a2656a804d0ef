export type Language = "en" | "ar";
/** A text in both languages; where there is no Arabic, the English stands in. */
export type Both = { en: string; ar: string | null };
/** Somebody's name: in both languages, or one that is the same in all. */
export type Name = Both | string;

/** All that a document is made of. The same input is the same bytes, so what shall be in it has to be said here, the time included. */
export type DocumentInput = {
  title: Both;
  organisation: Both;
  /** A calendar day, YYYY-MM-DD. */
  day: string;
  classification: { en: string; ar: string };
  /** Bodies are Markdown, as `@dais/markdown/read` reads it. */
  sections: { heading: Both; body: Both }[];
  /** `at` is RFC 3339. */
  sources: { title: string; source: string; confidence: string; at: string }[];
  approval: {
    submittedBy: Name;
    submittedAt: string;
    submitOperation: string;
    by: Name;
    at: string;
    operation: string;
  };
  distributionId: string;
  /** What tells a recipient's copy from all others, seen on each page; null for a copy of nobody. */
  mark: string | null;
  proof: {
    /** The proof bundle of the approval, attached as it is. */
    bundleJson: string;
    /** The signed checkpoint that the proof leads to. */
    checkpoint: string;
    /** Where the bundle can be had, also as a QR code. */
    url: string;
  };
  languages: Language | "both";
  /** RFC 3339: the date that the file says it was made at. */
  madeAt: string;
};

/** A made document. */
export type Made = {
  bytes: Uint8Array;
  /** Of the bytes, in lower-case hex. */
  sha256: string;
  pages: number;
};

/** What a document may have at most. */
export const limits = {
  /** Pages of the whole document. */
  pages: 200,
  /** UTF-16 units of all texts together: what no 200 pages hold isn't even begun. */
  characters: 2_000_000,
} as const;

/** Both languages, or the one, in the order in which they stand. */
export const languagesOf = ({ languages }: DocumentInput): Language[] =>
  languages === "both" ? ["en", "ar"] : [languages];

export const inLanguage = (text: Both | string, language: Language): string =>
  typeof text === "string" ? text : (language === "ar" && text.ar) || text.en;

/** The same document, where names are as plain as its languages let them be: what isn't said changes no byte of it. */
export function plainNames(input: DocumentInput): DocumentInput {
  const plain = (name: Name): Name =>
    typeof name !== "string" && (input.languages === "en" || !name.ar) ? name.en : name;
  const { approval } = input;
  return { ...input, approval: { ...approval, submittedBy: plain(approval.submittedBy), by: plain(approval.by) } };
}
