import type { Language } from "../input.ts";
import type { Ink, Style } from "../text/lines.ts";

export const inks = {
  text: [0.07, 0.08, 0.1],
  muted: [0.36, 0.4, 0.45],
  accent: [0.04, 0.26, 0.4],
  rule: [0.78, 0.81, 0.85],
  shade: [0.953, 0.961, 0.972],
  white: [1, 1, 1],
} as const satisfies Record<string, Ink>;

/** The room between the edges of the paper and what is written, in points. Above and below stands what is on each page. */
export const margins = { side: 62, top: 82, bottom: 84 } as const;

/** Sizes of type in points, and how far lines are apart, as a part of the size. Arabic letters are lower and reach deeper. */
export type Theme = {
  language: Language;
  rtl: boolean;
  body: number;
  leading: number;
};

export const themes: Record<Language, Theme> = {
  en: { language: "en", rtl: false, body: 10.5, leading: 1.5 },
  ar: { language: "ar", rtl: true, body: 11.5, leading: 1.75 },
};

export function style(theme: Theme, more: Partial<Style> & { scale?: number } = {}): Style {
  const { scale = 1, ...rest } = more;
  return { size: Math.round(theme.body * scale * 4) / 4, weight: 400, ink: inks.text, ...rest };
}
