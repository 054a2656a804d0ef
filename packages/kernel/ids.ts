/** Where time and chance come from. Tests give a clock of their own and a seed. */
export type Sources = { now(): Date; random(bytes: number): Uint8Array };

/**
 * Makes UUIDv7s that grow, also within one millisecond: 48 bits of time, 12 of a counter, 62 of chance.
 * @see RFC 9562, section 6.2, method 1
 */
export function uuidMaker({ now, random }: Sources): () => string {
  let last = 0;
  let counter = 0;
  return () => {
    const ms = now().getTime();
    if (ms > last) {
      last = ms;
      counter = 0;
    } else if (++counter > 0xfff) {
      last += 1;
      counter = 0;
    }
    const chance = Buffer.from(random(8)).toString("hex");
    const time = last.toString(16).padStart(12, "0");
    const variant = (8 + (Number.parseInt(chance[0] as string, 16) & 3)).toString(16);
    const count = counter.toString(16).padStart(3, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${variant}${chance.slice(1, 4)}-${chance.slice(4, 16)}`;
  };
}
