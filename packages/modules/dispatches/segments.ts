/** The characters of GSM 03.38 that take one place in a message, and those of its extension, which take two. */
const basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const extended = new Set("\f^{}\\[~]|€");

/**
 * How many segments an SMS is sent in: each is a message by itself to who is paid for it. A text with one character outside of GSM 03.38 is
 * UCS-2 as a whole. No character lies in two segments.
 * @see 3GPP TS 23.038 and TS 23.040, section 9.2.3.24.1
 */
export function segmentsOf(text: string): number {
  const characters = [...text];
  const plain = characters.every((one) => basic.has(one) || extended.has(one));
  const sizes = characters.map((one) => (plain ? (extended.has(one) ? 2 : 1) : one.length));
  const [alone, each] = plain ? [160, 153] : [70, 67];
  if (sizes.reduce((all, size) => all + size, 0) <= alone) return 1;
  let [segments, used] = [1, 0];
  for (const size of sizes) {
    if (used + size > each) [segments, used] = [segments + 1, 0];
    used += size;
  }
  return segments;
}
