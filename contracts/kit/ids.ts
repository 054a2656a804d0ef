import { z } from "zod";

/** Every kind of thing has a three-letter prefix, so that a wrong kind of id is a clear 400. A prefix is never reused. */
export const idKinds = {
  org: "an organisation",
  ent: "an entity",
  sig: "a signal",
  pos: "a posture change",
  key: "an API key",
  aud: "an audit entry",
  evt: "an event",
} as const;
export type IdKind = keyof typeof idKinds;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A TypeID: a UUIDv7 in 26 characters of Crockford's base 32 behind a prefix, for example `sig_01h455vb4pex5vsknk084sn02q`.
 * @see https://github.com/jetify-com/typeid/tree/main/spec
 */
export const typeId = (kind: IdKind) =>
  z
    .string()
    .regex(
      new RegExp(`^${kind}_[0-7][${alphabet}]{25}$`),
      `Must be the id of ${idKinds[kind]}: ${kind}_ and 26 characters.`,
    )
    .meta({ description: `Id of ${idKinds[kind]}.`, example: idOf(kind, exampleUuid) });

const exampleUuid = "01890a5d-ac96-774b-bcce-b302099a8057";

/** The public id of a row's uuid. */
export function idOf(kind: IdKind, uuid: string): string {
  let bits = BigInt(`0x${uuid.replaceAll("-", "")}`);
  let text = "";
  for (let i = 0; i < 26; i += 1) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${kind}_${text}`;
}

/** The uuid in a public id, whose form the contract has checked already. */
export function uuidOf(id: string): string {
  let bits = 0n;
  for (const letter of id.slice(id.indexOf("_") + 1)) bits = (bits << 5n) | BigInt(alphabet.indexOf(letter));
  const hex = bits.toString(16).padStart(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
