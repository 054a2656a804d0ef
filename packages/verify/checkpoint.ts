import { verify } from "node:crypto";
import { must } from "./flaw.ts";
import type { Key } from "./keys.ts";
import { readNote, type Signature } from "./note.ts";
import { readCount, readHash } from "./text.ts";

/** What a log said of itself, and who else saw it say so. */
export type Checkpoint = {
  origin: string;
  size: number;
  root: Buffer;
  /** Ids of the log's keys that signed it. */
  signedBy: string[];
  /** Witnesses whose keys are held, and when each of them saw it. */
  cosignedBy: { name: string; at: Date }[];
  /** Signatures by keys that nobody here holds: they say nothing. */
  unknown: string[];
};

/**
 * Reads a checkpoint, and believes it: it is signed by a key of the log that it speaks for. Each signature by a key that is held must be good.
 * A checkpoint has three lines; others are refused, signed or not.
 * @param witnesses How many witnesses must have signed it, too
 * @throws Flaw
 * @see https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-cosignature
 */
export function readCheckpoint(note: string, keys: readonly Key[], witnesses = 0): Checkpoint {
  const { text, signatures } = readNote(note);
  const [origin = "", size = "", root = "", ...more] = text.slice(0, -1).split("\n");
  must(more.length === 0, "the checkpoint has more than its three lines");
  must(/^[^\s+]+$/u.test(origin), "the checkpoint names no origin");
  const said = {
    origin,
    size: readCount(size, "the checkpoint's size"),
    root: readHash(root, "the checkpoint's root"),
  };
  const checkpoint: Checkpoint = { ...said, signedBy: [], cosignedBy: [], unknown: [] };
  for (const signature of signatures) {
    const key = keys.find(({ name, id }) => name === signature.name && id === signature.id);
    if (!key) checkpoint.unknown.push(`${signature.name}+${signature.id}`);
    else if (key.role === "log") {
      must(verify(null, Buffer.from(text), key.publicKey, signature.bytes), `the signature of ${key.name} is false`);
      if (key.name === origin) checkpoint.signedBy.push(key.id);
    } else {
      const at = cosignedAt(text, key, signature);
      if (!checkpoint.cosignedBy.some(({ name }) => name === key.name))
        checkpoint.cosignedBy.push({ name: key.name, at });
    }
  }
  must(checkpoint.signedBy.length > 0, `the checkpoint is not signed by a key of ${origin} that is held`);
  const seen = checkpoint.cosignedBy.length;
  must(seen >= witnesses, `${seen} witnesses signed the checkpoint, where ${witnesses} are asked for`);
  return checkpoint;
}

/** When a witness says that it saw the checkpoint. Signed is `cosignature/v1`, the time, and the checkpoint's text. */
function cosignedAt(text: string, { name, publicKey }: Key, { bytes }: Signature): Date {
  must(bytes.length === 72, `the cosignature of ${name} is malformed`);
  const seconds = bytes.readBigUInt64BE(0);
  const signed = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  must(verify(null, signed, publicKey, bytes.subarray(8)), `the cosignature of ${name} is false`);
  const at = new Date(Number(seconds) * 1000);
  must(!Number.isNaN(at.getTime()), `the cosignature of ${name} names no time`);
  return at;
}
