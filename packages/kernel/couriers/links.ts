import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

type Key = { key: Uint8Array };
export type AcknowledgeLinks = {
  /** What is behind the server's address: `/r/<slug>/<token>`. @param recipientId The recipient's uuid */
  make(tenant: { id: string; slug: string }, recipientId: string): string;
  /** The recipient's uuid in a token that was made for this organisation; null of any other text. */
  read(tenantId: string, token: string): string | null;
};

const markBytes = 16;
const form = /^[A-Za-z0-9_-]{43}$/;

/**
 * Links by which who has one says that a message came: nothing else can be done or seen with them. A token is the recipient's id and half of an
 * HMAC-SHA256 over it and the organisation's, so nothing is kept of it. Its key comes from the keys that seal: the first makes, all of them read.
 * A key that is taken away ends the links that it made.
 * @throws Error where there is no key
 * @see RFC 2104, section 5, for half of an HMAC; RFC 5869 for the key
 */
export function acknowledgeLinks(keys: readonly Key[]): AcknowledgeLinks {
  const derived = keys.map(({ key }) => new Uint8Array(hkdfSync("sha256", key, "", purpose, 32)));
  const [first] = derived;
  if (!first) throw new Error("There must be a key to make links with.");

  return {
    make: ({ id, slug }, recipientId) => {
      const uuid = bytesOf(recipientId);
      return `/r/${slug}/${Buffer.concat([uuid, mark(first, id, uuid)]).toString("base64url")}`;
    },
    read(tenantId, token) {
      const bytes = bytesIn(token);
      if (!bytes) return null;
      const [uuid, given] = [bytes.subarray(0, -markBytes), bytes.subarray(-markBytes)];
      const fits = derived.map((key) => timingSafeEqual(mark(key, tenantId, uuid), given));
      return fits.includes(true) ? textOf(uuid) : null;
    },
  };
}

/** The recipient's uuid that a token names, whoever made it; null of what has not the form of one. */
export const recipientIn = (token: string): string | null => {
  const bytes = bytesIn(token);
  return bytes && textOf(bytes.subarray(0, -markBytes));
};

/** One text for one meaning: base64url has spare bits that a decoder would let pass. */
function bytesIn(token: string): Buffer | null {
  const bytes = Buffer.from(token, "base64url");
  return form.test(token) && bytes.toString("base64url") === token ? bytes : null;
}

const purpose = "dais acknowledge";

const mark = (key: Uint8Array, tenantId: string, uuid: Uint8Array): Buffer =>
  createHmac("sha256", key).update(purpose).update(bytesOf(tenantId)).update(uuid).digest().subarray(0, markBytes);

const bytesOf = (uuid: string): Buffer => {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  if (bytes.length !== 16) throw new Error("a link needs a uuid");
  return bytes;
};
const textOf = (uuid: Uint8Array): string =>
  Buffer.from(uuid)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
