import { createHash, createHmac, createPublicKey, verify } from "node:crypto";
import type postgres from "postgres";
import type { Place } from "./place.ts";

/** The format of proof, written a second time from its paper, over the columns as they are: what the sealer does is held against it. */

const sha256 = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

export function rootOfHashes(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0] as Buffer;
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return sha256(Buffer.of(1), rootOfHashes(hashes.slice(0, k)), rootOfHashes(hashes.slice(k)));
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === "object"
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => [name, sorted(one)]),
        )
      : value;
const commit = (half: object, salt: string) =>
  createHmac("sha256", Buffer.from(salt, "hex"))
    .update(JSON.stringify(sorted(half)))
    .digest();

/** A leaf of the tree, from a row of `audit` with all of its columns. */
export function leafOfRow(row: Record<string, unknown>): Buffer {
  const names = (list: string) =>
    Object.fromEntries(
      list.split(" ").map((name) => {
        const value = row[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
        return [name, value instanceof Date ? value.toISOString() : value];
      }),
    );
  const facts = names(
    "id tenantId at outcome actorKind actorId onBehalfOf persons agentModel agentVersion operation action resourceType resourceId resourceVersion classification event fromState toState changed problem requestId",
  );
  const content = names("sessionId address beforeDigest afterDigest changes reason decision traceId idempotencyKey");
  return sha256(Buffer.of(0), commit(facts, row.salt as string), commit(content, row.content_salt as string));
}

/** The root over all that an organisation has sealed, from the rows of `audit`. */
export async function rootFromLeaves(owner: postgres.Sql, { tenantId }: Pick<Place, "tenantId">): Promise<string> {
  const rows = await owner`select a.* from audit_leaves l join audit a on a.tenant_id = l.tenant_id and a.seq = l.seq
    where l.tenant_id = ${tenantId} order by l.index`;
  return rootOfHashes(rows.map(leafOfRow)).toString("base64");
}

/** What a checkpoint says of its root. */
export const rootOfNote = (note: string): string => note.split("\n")[2] as string;

/** Checks a bundle as an auditor does, with nothing but the public key. @throws Error that says what is wrong */
export function checkBundle(bundle: Bundle, vkey: string): { size: number; index: number } {
  const { facts, factsSalt, content, contentSalt, contentCommitment } = bundle.entry;
  const rest = content ? commit(content, contentSalt as string) : Buffer.from(contentCommitment as string, "hex");
  const leaf = sha256(Buffer.of(0), commit(facts, factsSalt), rest);
  const [head = "", note = ""] = splitOnce(bundle.proof, "\n\n");
  const [magic, place, ...hashes] = head.split("\n");
  if (magic !== "c2sp.org/tlog-proof@v1" || place !== `index ${bundle.index}`)
    throw new Error("no proof of that place");
  const { origin, size, root } = checkNote(note, vkey);
  if (origin !== bundle.origin) throw new Error("another log");
  const reached = climb(
    leaf,
    bundle.index,
    size,
    hashes.map((hash) => Buffer.from(hash, "base64")),
  );
  if (reached.toString("base64") !== root) throw new Error("not under this root");
  return { size, index: bundle.index };
}
export type Bundle = {
  origin: string;
  index: number;
  entry: Record<"facts", object> & { content: object | null } & Record<"factsSalt", string> &
    Record<"contentSalt" | "contentCommitment", string | null>;
  proof: string;
};

/** Whether a note is signed by a key, and what it says. */
export function checkNote(note: string, vkey: string): { origin: string; size: number; root: string } {
  const [, name = "", id = "", body = ""] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  const [text = "", signatures = ""] = splitOnce(note, "\n\n");
  const lines = signatures.split("\n").map((line) => line.split(" "));
  const mine = lines.map(([, who, what = ""]) => ({ who, what: Buffer.from(what, "base64") }));
  const found = mine.find(({ who, what }) => who === name && what.subarray(0, 4).toString("hex") === id);
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(body, "base64").subarray(1).toString("base64url") },
    format: "jwk",
  });
  if (!found || !verify(null, Buffer.from(`${text}\n`), key, found.what.subarray(4))) throw new Error("not signed");
  const [origin = "", size = "", root = ""] = text.split("\n");
  return { origin, size: Number(size), root };
}

/** RFC 9162, section 2.1.3.2: another way to the root than the one by which proofs are made. */
function climb(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer {
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of path) {
    if (sn === 0) throw new Error("too long");
    if (fn % 2 === 1 || fn === sn) {
      r = sha256(Buffer.of(1), p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else r = sha256(Buffer.of(1), r, p);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error("too short");
  return r;
}

/** RFC 9162, section 2.1.4.2. */
export function consistent(from: number, to: number, old: string, now: string, hashes: readonly string[]): boolean {
  const path = hashes.map((hash) => Buffer.from(hash, "base64"));
  if (from === to) return path.length === 0 && old === now;
  if (Number.isInteger(Math.log2(from))) path.unshift(Buffer.from(old, "base64"));
  let [fn, sn] = [from - 1, to - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [fr, sr] = [path[0] as Buffer, path[0] as Buffer];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [sha256(Buffer.of(1), c, fr), sha256(Buffer.of(1), c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else sr = sha256(Buffer.of(1), sr, c);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && fr.toString("base64") === old && sr.toString("base64") === now;
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + by.length)];
}
