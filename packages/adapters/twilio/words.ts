/**
 * Words by which somebody says that nothing more is to come, or that it may again, alone in a message: Twilio's own for English, without YES,
 * which people also answer to questions; and the same in Arabic.
 * @see https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
 */
const stops = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "stop all", "opt out"];
const arabicStops = ["إيقاف", "ايقاف", "أوقف", "توقف", "إلغاء", "إلغاء الاشتراك", "قف"];
const starts = ["start", "unstop", "subscribe"];
const arabicStarts = ["ابدأ", "بدء", "اشتراك", "استئناف"];

const optOut = new Set([...stops, ...arabicStops].map(bare));
const optIn = new Set([...starts, ...arabicStarts].map(bare));

/** What a message says about messages; null for every other. */
export function wishOf(text: string): "opt_out" | "opt_in" | null {
  const word = bare(text.slice(0, 100));
  return optOut.has(word) ? "opt_out" : optIn.has(word) ? "opt_in" : null;
}

/** Without what people leave out or put around it: case, signs, vowel marks and kashidas, the hamza on an alef. */
function bare(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{Mn}\p{Cf}\u0640]/gu, "")
    .replace(/[أإآٱ]/g, "ا")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
