type Both = { en: string; ar: string | null };
/** Papers that were kept before names had two languages have plain ones. */
type Name = Both | string;

/** What a document says, whichever its languages are and whosever copy it is. The same is printed as the same bytes. */
export type Paper = {
  title: Both;
  organisation: Both;
  /** YYYY-MM-DD */
  day: string;
  classification: { en: string; ar: string };
  /** Bodies are Markdown. */
  sections: { heading: Both; body: Both }[];
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
  proof: { bundleJson: string; checkpoint: string; url: string };
  madeAt: string;
};

export type Printing = Paper & {
  languages: "en" | "ar" | "both";
  /** Seen on each page of somebody's own copy. */
  mark: string | null;
};

/** `too_long`: so it will be each time, and `limits` says how long it may be. `later`: another try may go well. */
export type Printed =
  | { bytes: Uint8Array; sha256: string; pages: number }
  | { refused: "too_long"; limits: { pages: number; characters: number } }
  | { refused: "later" };

/** Makes a PDF, off the event loop. It may take seconds: never while a connection is held. */
export type Print = (document: Printing) => Promise<Printed>;
