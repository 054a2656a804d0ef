import type { Inline } from "@dais/markdown/tree";
import { clean } from "../text/clean.ts";
import type { Span, Style } from "../text/lines.ts";
import { inks } from "./theme.ts";

/** Addresses that were linked to, and their numbers, in order. */
export type Notes = Map<string, number>;

/**
 * Inline text as spans. A link is its text and the number of a note: on paper nobody can follow it, and on a screen nobody should without
 * seeing where it leads.
 */
export function spansOf(inlines: Inline[], style: Style, notes: Notes): Span[] {
  return inlines.flatMap((inline): Span[] => {
    switch (inline.type) {
      case "text":
        return [{ text: clean(inline.text).replaceAll("\n", " "), style }];
      case "code":
        return [{ text: clean(inline.text).replaceAll("\n", " "), style: { ...style, ink: inks.accent } }];
      case "break":
        return [{ text: "\n", style }];
      case "strong":
        return spansOf(inline.children, { ...style, weight: 600 }, notes);
      case "emphasis":
        // No slanted letters: Arabic has none. What is stressed is a shade stronger in both.
        return spansOf(inline.children, { ...style, ink: inks.accent }, notes);
      case "link":
        return [...spansOf(inline.children, style, notes), noteOf(inline.url, style, notes)];
      default:
        return inline satisfies never;
    }
  });
}

function noteOf(url: string, style: Style, notes: Notes): Span {
  const number = notes.get(url) ?? notes.size + 1;
  notes.set(url, number);
  const raised = { ...style, size: style.size * 0.7, rise: style.size * 0.32, ink: inks.accent };
  return { text: `[${number}]`, style: raised };
}
