/** Numbers as Twilio takes them. @see ITU-T E.164 */
export const isNumber = (to: string): boolean => /^\+[1-9]\d{6,14}$/.test(to);

/** One address of mail, alone and bare: nothing that a header or an envelope would read as more. @see RFC 5321, section 4.5.3.1 */
export const isAddress = (to: string): boolean =>
  to.length <= 254 && /^[^\s@<>(),;:\\"[\]\p{Cc}]{1,64}@[^\s@<>(),;:\\"[\]\p{Cc}]+$/u.test(to);

/** One line: whatever would end a header, or is no character at all, is a space. @see RFC 5322, section 2.2 */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u{FFFD}\p{Cs}]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();

/** A file's name as it may stand in a header: without a path and without signs that end it. */
export const fileName = (name: string): string => oneLine(name.replace(/[/\\"<>|:*?;]/g, " ")).slice(0, 150) || "file";
