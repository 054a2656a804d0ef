import { checkBundle } from "@dais/verify/bundle";
import { canonical } from "@dais/verify/canonical";
import { Flaw } from "@dais/verify/flaw";
import { readJson } from "@dais/verify/json";
import { readKeys } from "@dais/verify/keys";
import { describe, expect, test } from "vitest";
import { acme, type Bundle, bytesOf, chance, entryOf, leafDataOf, logOf } from "./support/proof/log.ts";
import { leafHashOf, pathOf, rootOf } from "./support/proof/naive.ts";
import { checkpointOf, signer } from "./support/proof/signer.ts";

const entries = Array.from({ length: 13 }, (_, n) => entryOf(n));
const log = logOf(entries);
const keys = readKeys([acme.vkey]);
const witness = signer("witness.example/w1", "w1", 4);
const refused = (bundle: unknown, flaw: RegExp, by = keys, witnesses = 0) => {
  expect(() => checkBundle(bytesOf(bundle), by, witnesses)).toThrow(Flaw);
  expect(() => checkBundle(bytesOf(bundle), by, witnesses)).toThrow(flaw);
};
/** A bundle with something done to it. */
const bent = (index: number, bend: (bundle: Bundle) => unknown, erased = false) => {
  const bundle = structuredClone(log.bundle(index, { erased }));
  return bend(bundle) ?? bundle;
};
/** The lines of a proof, changed. */
const rewritten = (index: number, rewrite: (lines: string[]) => string[]) =>
  bent(index, (bundle) => {
    bundle.proof = rewrite(bundle.proof.split("\n")).join("\n");
  });

describe("an honest bundle", () => {
  test("is proven, at every place of logs of every shape", () => {
    for (let size = 1; size <= 13; size += 1) {
      const some = logOf(entries.slice(0, size));
      for (let index = 0; index < size; index += 1) {
        for (const erased of [false, true]) {
          const proven = checkBundle(bytesOf(some.bundle(index, { erased })), keys);
          expect(proven.facts).toEqual(entryOf(index).facts);
          expect(proven.content).toEqual(erased ? null : entryOf(index).content);
        }
      }
    }
  });

  test("is proven by whichever of several keys signed it, also after a rotation", () => {
    const later = signer(acme.name, "acme's second key");
    const both = readKeys([`${acme.vkey}\n${later.vkey}`]);
    expect(checkBundle(bytesOf(log.bundle(3)), both).checkpoint.signedBy).toEqual([acme.id]);
    expect(checkBundle(bytesOf(logOf(entries, { by: later }).bundle(3)), both).checkpoint.signedBy).toEqual([later.id]);
    refused(logOf(entries, { by: later }).bundle(3), /not signed by a key/);
  });

  test("keeps under 2 KB beside its entry at a million entries", () => {
    const { entry, proof, ...rest } = log.bundle(0);
    const path = Array.from({ length: 20 }, () => log.root.toString("base64"));
    const note = checkpointOf(acme, 1_000_000, log.root);
    const large = {
      ...rest,
      entry: null,
      proof: ["c2sp.org/tlog-proof@v1", "index 999999", ...path, "", note].join("\n"),
    };
    expect(entry && proof && bytesOf(large).length).toBeLessThan(2048);
  });
});

describe("every single bit of a bundle", () => {
  const seen = logOf(entries, { cosigned: (text) => witness.cosigned(text, 1_795_000_000) });
  const both = readKeys([acme.vkey, witness.vkey]);
  test.each([
    ["with its content", log.bundle(4), keys, 0],
    ["erased", log.bundle(4, { erased: true }), keys, 0],
    ["of a log of one", logOf(entries.slice(0, 1)).bundle(0), keys, 0],
    ["with a witness who is asked for", seen.bundle(4), both, 1],
  ] as const)("counts, or does not change what it says: %s", (_, bundle, by, witnesses) => {
    // With the space that a file may have, and an escape, whose letters may be of either case.
    const bytes = Buffer.from(`${JSON.stringify(bundle, null, 1).replaceAll("é", "\\u00e9")}\n`);
    expect(checkBundle(bytes, by, witnesses).index).toBe(bundle.index);
    const meaning = canonical(readJson(bytes.toString()));
    const passed: string[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const outcome = attempt(() => checkBundle(bytes, by, witnesses));
      if (outcome && canonical(readJson(bytes.toString())) !== meaning) passed.push(`bit ${bit}`);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    }
    expect(passed).toEqual([]);
  });

  test("of a signature by somebody whom nobody here knows says nothing, and is said to", () => {
    const bundle = seen.bundle(4);
    const other = { ...bundle, proof: bundle.proof.replace("witness.example/w1", "witness.example/w9") };
    expect(checkBundle(bytesOf(other), both).checkpoint).toMatchObject({
      cosignedBy: [],
      unknown: [`witness.example/w9+${witness.id}`],
    });
    refused(other, /0 witnesses signed/, both, 1);
  });
});

describe("a forged bundle", () => {
  test("with a path of another length", () => {
    const hash = log.root.toString("base64");
    refused(
      rewritten(4, (lines) => lines.toSpliced(2, 0, hash)),
      /another length/,
    );
    refused(
      rewritten(4, (lines) => lines.toSpliced(5, 0, hash)),
      /another length/,
    );
    refused(
      rewritten(4, (lines) => lines.toSpliced(2, 1)),
      /another length/,
    );
    refused(
      rewritten(4, (lines) => lines.toSpliced(2, 4)),
      /another length/,
    );
    refused(
      rewritten(4, (lines) => lines.toSpliced(2, 0, ...Array.from({ length: 64 }, () => hash))),
      /too long/,
    );
    refused(
      rewritten(4, (lines) => lines.toSpliced(2, 1, hash.slice(4))),
      /not 32 bytes/,
    );
  });

  test("with its hashes in another order, or those of another place", () => {
    refused(
      rewritten(4, (lines) => [...lines.slice(0, 2), ...lines.slice(2, 6).reverse(), ...lines.slice(6)]),
      /is not in the log/,
    );
    refused(
      bent(4, (bundle) => ({ ...bundle, entry: log.bundle(5).entry })),
      /is not in the log/,
    );
    refused(
      bent(4, (bundle) => ({ ...bundle, index: 5, proof: bundle.proof.replace("index 4", "index 5") })),
      /is not in the log/,
    );
  });

  test("with an index that its proof or its log doesn't have", () => {
    const at = (index: unknown, said: string) =>
      bent(4, (bundle) => ({ ...bundle, index, proof: bundle.proof.replace("index 4", said) }));
    refused(at(5, "index 4"), /another index/);
    refused(at("4", "index 4"), /another index/);
    refused(at(13, "index 13"), /there is no entry 13 in a log of 13/);
    for (const said of [
      "index -1",
      "index 04",
      "index 4 ",
      "index 0x4",
      "index 9007199254740993",
      "index",
      "extra AAAA\nindex 4",
    ]) {
      refused(at(4, said), /index/);
    }
  });

  test("of an empty log", () => {
    const proof = `c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpointOf(acme, 0, rootOf([]))}`;
    refused({ ...log.bundle(0), proof }, /there is no entry 0 in a log of 0/);
  });

  test("with its halves swapped, or their salts", () => {
    const swap = ({ entry }: Bundle) => {
      const { factsSalt, contentSalt } = entry;
      Object.assign(entry, { factsSalt: contentSalt, contentSalt: factsSalt });
    };
    refused(bent(4, swap), /is not in the log/);
    refused(
      bent(4, ({ entry }) => void Object.assign(entry, { facts: entry.content, content: entry.facts })),
      /has a member/,
    );
    const backwards = entries.map((entry) =>
      Buffer.concat([leafDataOf(entry).subarray(32), leafDataOf(entry).subarray(0, 32)]),
    );
    refused(
      forgedIn(
        backwards.map((data) => leafHashOf(data)),
        4,
      ),
      /is not in the log/,
    );
  });

  test("with the facts or the content of another entry", () => {
    const other = log.bundle(6).entry;
    refused(
      bent(4, ({ entry }) => void Object.assign(entry, { facts: other.facts })),
      /is not in the log/,
    );
    refused(
      bent(4, ({ entry }) => void Object.assign(entry, { facts: other.facts, factsSalt: other.factsSalt })),
      /is not in the log/,
    );
    refused(
      bent(4, ({ entry }) => void Object.assign(entry, { content: other.content, contentSalt: other.contentSalt })),
      /is not in the log/,
    );
  });

  test("with another value in any of its members", () => {
    for (const half of ["facts", "content"] as const) {
      for (const [member, value] of Object.entries(entries[4]?.[half] ?? {})) {
        const others = [null, "x", 7, !value, [], {}, typeof value === "string" ? `${value} ` : undefined].filter(
          (v) => v !== undefined && v !== value,
        );
        for (const other of others) {
          const forged = bent(4, ({ entry }) => void Object.assign(entry[half] as object, { [member]: other }));
          expect(() => checkBundle(bytesOf(forged), keys), `${member}: ${other}`).toThrow(Flaw);
        }
      }
    }
  });

  test("erased, with content put in, or half erased", () => {
    const { content, contentSalt } = entryOf(4);
    const put = (more: object) => bent(4, ({ entry }) => void Object.assign(entry, more), true);
    refused(put({ content, contentSalt }), /as if it were not shown/);
    refused(put({ contentSalt }), /not shown, and yet has a salt/);
    refused(put({ content, contentSalt: chance("another"), contentCommitment: null }), /is not in the log/);
    refused(
      put({ content: { ...content, reason: "none" }, contentSalt, contentCommitment: null }),
      /is not in the log/,
    );
    refused(put({ contentCommitment: chance("another") }), /is not in the log/);
    refused(put({ contentCommitment: null }), /contentCommitment/);
    refused(
      bent(4, ({ entry }) => void Object.assign(entry, { content: null })),
      /not shown, and yet has a salt/,
    );
  });

  test("of another log, by another key, or by a key of another name", () => {
    const other = signer("dais.example.org/audit/other", "other");
    const held = readKeys([acme.vkey, other.vkey]);
    refused({ ...log.bundle(4), origin: other.name }, /another origin/);
    refused(
      logOf(entries, { by: { ...other, name: acme.name, line: other.line } }).bundle(4),
      /not signed by a key/,
      held,
    );
    refused({ ...logOf(entries, { by: other }).bundle(4), origin: acme.name }, /another origin/, held);
    const fork = signer(acme.name, "a fork's");
    const posing = { ...fork, line: (text: string) => fork.line(text, acme) };
    refused(logOf(entries, { by: posing }).bundle(4), /signature of .* is false/);
    refused(logOf(entries, { by: fork }).bundle(4), /not signed by a key/);
  });

  test("with another checkpoint: its text, its lines, its tree", () => {
    const swapped = (from: string, to: string) =>
      rewritten(4, (lines) => lines.map((line) => (line === from ? to : line)));
    refused(swapped("13", "14"), /signature of .* is false/);
    refused(swapped(log.root.toString("base64"), rootOf([]).toString("base64")), /signature of .* is false/);
    refused(
      rewritten(4, (lines) => lines.toSpliced(10, 0, "more")),
      /more than its three lines|no signatures|malformed/,
    );
    const signed = `${acme.name}\n13\n${log.root.toString("base64")}\nmore\n`;
    refused(
      bent(4, (bundle) => ({
        ...bundle,
        proof: `${bundle.proof.split("\n\n")[0]}\n\n${signed}\n${acme.line(signed)}`,
      })),
      /more than its three lines/,
    );
    const shorter = logOf(entries.slice(0, 12)).bundle(4).proof.split("\n\n").slice(1).join("\n\n");
    refused(
      bent(4, (bundle) => ({ ...bundle, proof: `${bundle.proof.split("\n\n")[0]}\n\n${shorter}` })),
      /is not in the log/,
    );
  });

  test("that passes a node of the tree off as a leaf", () => {
    // 64 bytes are the length of two hashes, too: only the first byte of what is hashed tells a leaf from a node.
    const pair = Buffer.concat(log.leaves.slice(4, 6));
    const node = rootOf(log.leaves.slice(4, 6));
    expect(leafHashOf(pair)).not.toEqual(node);
    const posing = { ...log.bundle(4), proof: log.bundle(4).proof.split("\n").toSpliced(2, 1).join("\n") };
    refused(posing, /another length/);
  });

  test("with members that nobody knows, that are missing, or that come twice", () => {
    refused({ ...log.bundle(4), note: "" }, /has a member "note"/);
    refused(
      bent(4, ({ entry }) => void Object.assign(entry, { more: 1 })),
      /has a member "more"/,
    );
    refused(
      bent(4, ({ entry }) => void Object.assign(entry.facts, { more: 1 })),
      /has a member "more"/,
    );
    refused({ ...log.bundle(4), format: "dais-proof/2" }, /not of the format/);
    refused(
      bent(4, ({ entry }) => void Reflect.deleteProperty(entry, "contentCommitment")),
      /has no member "contentCommitment"/,
    );
    refused(
      bent(4, ({ entry }) => void Reflect.deleteProperty(entry.facts, "problem")),
      /has no member "problem"/,
    );
    const text = JSON.stringify(log.bundle(4));
    for (const twice of [
      text.replace("{", '{"origin":"x",'),
      text.replace('"changed":', '"changed":false,"changed":'),
    ]) {
      expect(() => checkBundle(Buffer.from(twice), keys)).toThrow(/twice/);
    }
    for (const none of [null, [], "x", 5, {}]) refused(none, /bundle/);
  });

  test("in bytes that aren't text, or more of them than anybody needs", () => {
    const bytes = bytesOf(log.bundle(4));
    for (const wrong of [
      Buffer.alloc(0),
      Buffer.of(0xff, 0xfe),
      Buffer.concat([Buffer.from("\ufeff"), bytes]),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.of(0)]),
      Buffer.concat([bytes, Buffer.of(0xc3)]),
      Buffer.from(bytes.toString(), "utf16le"),
      Buffer.alloc(16 * 1024 * 1024 + 1, " "),
    ]) {
      expect(() => checkBundle(wrong, keys)).toThrow(Flaw);
    }
  });
});

/** A bundle of an honest entry in a log that was made of other leaves. */
function forgedIn(leaves: Buffer[], index: number) {
  const path = pathOf(index, leaves).map((hash) => hash.toString("base64"));
  const note = checkpointOf(acme, leaves.length, rootOf(leaves));
  return { ...log.bundle(index), proof: ["c2sp.org/tlog-proof@v1", `index ${index}`, ...path, "", note].join("\n") };
}

function attempt(what: () => unknown): boolean {
  try {
    what();
    return true;
  } catch (error) {
    if (error instanceof Flaw) return false;
    throw error;
  }
}
