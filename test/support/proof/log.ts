import { createHash, createHmac } from "node:crypto";
import { canonical, digest } from "@dais/kernel/canonical";
import { leafHashOf, pathOf, rootOf } from "./naive.ts";
import { checkpointOf, type Signer, signer } from "./signer.ts";

export type Members = Record<string, unknown>;
export type Entry = { facts: Members; factsSalt: string; content: Members; contentSalt: string };

export const origin = "dais.example.org/audit/acme";
export const acme = signer(origin, "acme's first key");

/** Always the same for the same text. */
export const chance = (seed: string): string => createHash("sha256").update(seed).digest("hex");
export const uuidOf = (seed: string): string =>
  chance(seed).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-7$3-8$4-$5");

/** The erasure that is the n-th entry, where that is one: of two entries from long before. */
export function erasureOf(n: number) {
  const entryIds = [n / 10, n / 10 + 1].map((of) => uuidOf(`entry ${of}`)).sort();
  const sha256 = createHash("sha256").update(entryIds.map((id) => `${id},`).join(""));
  return {
    id: uuidOf(`erasure ${n}`),
    entryIds,
    entriesSha256: sha256.digest("hex"),
    reason: "Article 17 of the law.",
  };
}

/** The n-th entry of a made-up organisation: moves, refusals and reads by people, agents and programs. */
export function entryOf(n: number, tenantId = uuidOf("acme")): Entry {
  const outcome = n % 11 === 3 ? "refused" : n % 7 === 2 ? "read" : "done";
  const moved = outcome === "done" && n % 2 === 0;
  const agent = n % 5 === 4;
  const erasure = n % 100 === 50;
  const { id, entriesSha256, reason } = erasureOf(n);
  return {
    facts: {
      id: uuidOf(`entry ${n}`),
      tenantId,
      at: new Date(Date.UTC(2026, 10, 21, 9) + n * 1000 + 123).toISOString(),
      outcome,
      actorKind: agent ? "agent" : "user",
      actorId: agent ? "agt_01jd7a" : `usr_01jd${n % 9}`,
      onBehalfOf: agent ? "usr_01jd1" : null,
      persons: agent ? ["usr_01jd1", "usr_01jd2"] : [`usr_01jd${n % 9}`],
      agentModel: agent ? "planner" : null,
      agentVersion: agent ? "4.1" : null,
      operation: erasure ? "erasures.erase" : "signals.dismiss",
      action: erasure ? "erasure.erase" : "signal.dismiss",
      resourceType: erasure ? "erasure" : "signal",
      resourceId: erasure ? id : uuidOf(`signal ${n % 40}`),
      resourceVersion: (n % 6) + 1,
      classification: n % 3 === 0 ? null : "internal",
      event: moved ? (erasure ? "erase" : "dismiss") : null,
      fromState: moved ? "new" : null,
      toState: moved ? (erasure ? "erased" : "dismissed") : null,
      changed: outcome === "done",
      problem: outcome === "refused" ? "permission_denied" : null,
      requestId: `req_${n}`,
    },
    factsSalt: chance(`facts ${n}`),
    content: {
      sessionId: n % 4 === 0 ? `ses_${n}` : null,
      address: `192.0.2.${n % 250}`,
      beforeDigest: moved ? chance(`before ${n}`) : null,
      afterDigest: moved ? chance(`after ${n}`) : null,
      changes: moved ? { state: ["new", "dismissed"], weight: [0.25, 1e21], note: [null, "تم « é \u{1f600}"] } : null,
      reason: moved ? `duplicate of "${n - 1}"\nseen\ttwice` : null,
      decision: {
        ...{ permission: "signal.dismiss", ...(agent && { delegation: "del_01" }) },
        ...(erasure && { fourEyes: true, contentSha256: digest({ entriesSha256, reason }) }),
      },
      traceId: n % 2 ? chance(`trace ${n}`).slice(0, 32) : null,
      idempotencyKey: n % 3 === 1 ? `key-${n}` : null,
    },
    contentSalt: chance(`content ${n}`),
  };
}

export const committed = (salt: string, half: Members): Buffer =>
  createHmac("sha256", Buffer.from(salt, "hex")).update(canonical(half)).digest();
export const commitments = ({ facts, factsSalt, content, contentSalt }: Entry) => ({
  facts: committed(factsSalt, facts),
  content: committed(contentSalt, content),
});
export const leafDataOf = (entry: Entry): Buffer => {
  const { facts, content } = commitments(entry);
  return Buffer.concat([facts, content]);
};

/** A log of some entries, and the bundles that its owner would hand out. */
export function logOf(
  entries: readonly Entry[],
  { by = acme, cosigned = (_: string) => "" }: { by?: Signer; cosigned?: (text: string) => string } = {},
) {
  const data = entries.map(leafDataOf);
  const leaves = data.map(leafHashOf);
  const root = rootOf(leaves);
  const note = checkpointOf(by, entries.length, root);
  const checkpoint = note + cosigned(note.slice(0, note.indexOf("\n\n") + 1));
  return {
    data,
    leaves,
    root,
    checkpoint,
    bundle(index: number, { erased = false } = {}) {
      const { facts, factsSalt, content, contentSalt } = entries[index] as Entry;
      const path = pathOf(index, leaves).map((hash) => hash.toString("base64"));
      const left = {
        content: null,
        contentSalt: null,
        contentCommitment: commitments(entries[index] as Entry).content.toString("hex"),
      };
      return {
        format: "dais-proof/1",
        origin: by.name,
        index,
        entry: { facts, factsSalt, ...(erased ? left : { content, contentSalt, contentCommitment: null }) },
        proof: ["c2sp.org/tlog-proof@v1", `index ${index}`, ...path, "", checkpoint].join("\n"),
      };
    },
  };
}
export type Bundle = ReturnType<ReturnType<typeof logOf>["bundle"]>;
export const bytesOf = (bundle: unknown): Buffer => Buffer.from(JSON.stringify(bundle));
