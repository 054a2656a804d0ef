import { type Signal, severities } from "@dais/contracts/signals";
import { isNewer, type Word } from "./reports.ts";

export type Summary = {
  /** The newest of all: the signal's words are its. */
  newest: Word;
  /** The newest of each source. */
  words: Word[];
  severity: Signal["severity"];
  confidence: number | null;
  occurredAt: number;
  lastSeenAt: number;
};

/**
 * What several reports say together. Of each source counts what it said last: the signal is as severe and as sure as any of them says,
 * and it began when the first of them says. It is the same for the same reports, in whatever order they come and however often it is
 * made anew of summaries and more reports.
 */
export function summaryOf(said: readonly Word[]): Summary {
  const bySource = new Map<string, Word>();
  for (const word of said) {
    const other = bySource.get(word.source);
    if (!other || isNewer(word, other)) bySource.set(word.source, word);
  }
  const words = [...bySource.values()];
  const sure = words.flatMap(({ confidence }) => confidence ?? []);
  const newest = words.reduce((a, b) => (isNewer(b, a) ? b : a));
  return {
    newest,
    words,
    severity: severities[Math.min(...words.map(({ severity }) => severities.indexOf(severity)))] ?? "unknown",
    confidence: sure.length > 0 ? Math.max(...sure) : null,
    occurredAt: Math.min(...words.map(({ occurredAt }) => occurredAt)),
    lastSeenAt: newest.reportedAt,
  };
}
