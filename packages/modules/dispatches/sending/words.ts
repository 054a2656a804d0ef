const yes = new Set([
  "ok",
  "okay",
  "yes",
  "y",
  "1",
  "received",
  "ack",
  "تم",
  "نعم",
  "استلمت",
  "تم الاستلام",
  "حسنا",
  "١",
]);

/** Whether somebody's answer says that they got it: a word of that kind and nothing else, however it is written. */
export function acknowledges(text: string): boolean {
  const said = text
    .normalize("NFKC")
    .replace(/[\u064B-\u0652\u0640\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, "") // vowel signs, stretching, marks of direction
    .replace(/[\p{P}\p{S}\s]+/gu, " ")
    .trim()
    .toLowerCase();
  return yes.has(said);
}
