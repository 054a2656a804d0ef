import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

/** Somebody who signs notes: a log (1) or a witness (4), with a key that is the same for the same seed. */
export function signer(name: string, seed: string, kind: 1 | 4 = 1) {
  const secret = createHash("sha256").update(seed).digest();
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), secret]);
  const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(kind), publicKey]);
  const id = createHash("sha256").update(`${name}\n`).update(typed).digest("hex").slice(0, 8);
  const line = (signature: Buffer, by = { name, id }) =>
    `— ${by.name} ${Buffer.concat([Buffer.from(by.id, "hex"), signature]).toString("base64")}\n`;
  return {
    name,
    id,
    publicKey,
    vkey: `${name}+${id}+${typed.toString("base64")}`,
    /** A signature line under a text; under another name or id where a test wants to lie. */
    line: (text: string, by?: { name: string; id: string }) => line(sign(null, Buffer.from(text), key), by),
    /** @see https://c2sp.org/tlog-cosignature */
    cosigned(text: string, seconds: number): string {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(seconds));
      const signed = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
      return line(Buffer.concat([time, sign(null, signed, key)]));
    },
  };
}
export type Signer = ReturnType<typeof signer>;
/** Who can sign a checkpoint of a log. */
export type Signs = Pick<Signer, "name" | "id" | "line">;

export const checkpointText = (origin: string, size: number, root: Buffer): string =>
  `${origin}\n${size}\n${root.toString("base64")}\n`;

export const checkpointOf = (by: Signs, size: number, root: Buffer, origin = by.name): string => {
  const text = checkpointText(origin, size, root);
  return `${text}\n${by.line(text)}`;
};
