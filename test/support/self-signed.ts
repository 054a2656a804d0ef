import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

type Kind = "rsa" | "ec" | "ed448";

/** A certificate for a client of an issuer, which its own key has signed, good for thirty years, and that key; PEM texts. */
export function selfSigned(kind: Kind = "rsa"): { pem: string; key: string } {
  const { publicKey, privateKey } = pairOf(kind);
  const body = toBeSigned(publicKey, signatureOf[kind]);
  const signature = sign(kind === "ed448" ? null : "sha256", body, privateKey);
  const all = der(0x30, body, der(0x30, ...signatureOf[kind]), der(0x03, Buffer.from([0]), signature));
  const lines = all.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function pairOf(kind: Kind): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === "rsa") return generateKeyPairSync("rsa", { modulusLength: 2048 });
  return kind === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed448");
}

/** @see RFC 5280, section 4.1 */
function toBeSigned(publicKey: KeyObject, signature: Buffer[]): Buffer {
  const name = der(0x30, der(0x31, der(0x30, identifier("550403"), der(0x0c, Buffer.from("dais")))));
  const time = (text: string) => der(0x17, Buffer.from(text));
  return der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    der(0x30, ...signature),
    name,
    der(0x30, time("200101000000Z"), time("491231000000Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function identifier(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** sha256WithRSAEncryption, ecdsa-with-SHA256, id-Ed448 */
const signatureOf: Record<Kind, Buffer[]> = {
  rsa: [identifier("2a864886f70d01010b"), der(0x05)],
  ec: [identifier("2a8648ce3d040302")],
  ed448: [identifier("2b6571")],
};
