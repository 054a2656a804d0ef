import type { DocumentInput } from "@dais/pdf/input";
import { sample } from "@dais/pdf/samples";

/** A document of one section with a body, in English, or in Arabic where the body is. */
export function documentOf(body: string, more: Partial<DocumentInput> = {}): DocumentInput {
  return {
    ...sample(more.languages ?? "en"),
    sections: [{ heading: { en: "Section", ar: "قسم" }, body: { en: body, ar: body } }],
    ...more,
  };
}

/** A briefing of about twenty pages, half of it tables, in both languages. */
export function longDocument(): DocumentInput {
  const input = sample("both");
  return { ...input, sections: Array.from({ length: 11 }, () => input.sections[0] as (typeof input.sections)[number]) };
}
