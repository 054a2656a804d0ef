import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { sealedNow } from "./sealing.ts";
import type { Home } from "./things.ts";

/** A witness as somebody outside would write one, with nothing of ours. */
export type TestWitness = {
  name: string;
  keyId: string;
  vkey: string;
  /** Signs a checkpoint's text, the lines before its first signature. */
  cosign(note: string, seconds?: number): string;
};

export function testWitness(name = `witness.test/${randomBytes(6).toString("hex")}`): TestWitness {
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x as string, "base64url");
  const typed = Buffer.concat([Buffer.of(4), publicKey]);
  const id = createHash("sha256").update(`${name}\n`).update(typed).digest().subarray(0, 4);
  return {
    name,
    keyId: id.toString("hex"),
    vkey: `${name}+${id.toString("hex")}+${typed.toString("base64")}`,
    cosign(note, seconds = Math.floor(Date.now() / 1000)) {
      const [text] = note.split("\n\n");
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(seconds));
      const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}\n`), privateKey);
      return `— ${name} ${Buffer.concat([id, time, signature]).toString("base64")}`;
    },
  };
}

/** Registers a witness; answers with its id. */
export async function addWitness({ place, api }: Home, witness = testWitness()): Promise<string> {
  const admin = api.as(await (await place.person()).session({ proven: true }));
  const reply = await admin.post("/audit/witnesses", { vkey: witness.vkey });
  return reply.body.witness.id;
}

/** Something of each table about the audit log: a sealed tree, keys, a witness, and what it has signed. */
export async function setAudit(home: Home): Promise<void> {
  const witness = testWitness();
  await addWitness(home, witness);
  await sealedNow(home.place);
  const { size, note } = (await home.api.get("/audit/checkpoint")).body;
  await home.api.post("/audit/cosign", { size, line: witness.cosign(note) });
}
