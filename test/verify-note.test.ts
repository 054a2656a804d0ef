import { verify } from "node:crypto";
import { readCheckpoint } from "@dais/verify/checkpoint";
import { Flaw, Usage } from "@dais/verify/flaw";
import { keyId, readKeys } from "@dais/verify/keys";
import { readNote } from "@dais/verify/note";
import { describe, expect, test } from "vitest";
import { acme, origin } from "./support/proof/log.ts";
import { rootOf } from "./support/proof/naive.ts";
import { checkpointOf, checkpointText, signer } from "./support/proof/signer.ts";

const root = rootOf([]);
const text = checkpointText(origin, 0, root);
const note = checkpointOf(acme, 0, root);
const witness = signer("witness.example/w1", "w1", 4);
const second = signer("witness.example/w2", "w2", 4);
const keys = readKeys([acme.vkey]);
const all = readKeys([acme.vkey, witness.vkey, second.vkey]);
const false_ = (flaw: RegExp, of: string, by = keys, witnesses = 0) => {
  expect(() => readCheckpoint(of, by, witnesses)).toThrow(Flaw);
  expect(() => readCheckpoint(of, by, witnesses)).toThrow(flaw);
};

describe("verifier keys", () => {
  test("and notes of another implementation are read", () => {
    const [key] = readKeys(["PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]);
    const known = readNote(
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    );
    expect(key).toMatchObject({ name: "PeterNeumann", id: "c74f20a3", role: "log" });
    const [signature] = known.signatures;
    expect(key && signature && verify(null, Buffer.from(known.text), key.publicKey, signature.bytes)).toBe(true);
  });

  test("come one a line, with remarks, several of one name, and the same one twice", () => {
    const later = signer(origin, "acme's second key");
    const read = readKeys([`# acme\r\n${acme.vkey}\r\n\n${later.vkey}\n`, acme.vkey]);
    expect(read.map(({ id }) => id)).toEqual([acme.id, later.id]);
  });

  test("are refused where they are malformed, of another kind, or not what their id says", () => {
    const other = signer(origin, "another");
    const swapped = `${origin}+${acme.id}+${other.vkey.split("+").slice(2).join("+")}`;
    const bytes = Buffer.concat([Buffer.of(2), acme.publicKey]);
    const ecdsa = `${origin}+${keyId(origin, bytes)}+${bytes.toString("base64")}`;
    for (const vkey of [
      "",
      "acme",
      `${acme.vkey}=`,
      acme.vkey.slice(0, -4),
      swapped,
      ecdsa,
      `x${acme.vkey}`,
      acme.vkey.replace(acme.id, acme.id.toUpperCase().replace(/\d/g, "A")),
    ]) {
      expect(() => readKeys([vkey]), vkey).toThrow(Usage);
    }
    expect(() => readKeys([])).toThrow(/no key is given/);
  });
});

describe("a checkpoint", () => {
  test("of an empty log is read", () => {
    expect(readCheckpoint(note, keys)).toEqual({
      origin,
      size: 0,
      root,
      signedBy: [acme.id],
      cosignedBy: [],
      unknown: [],
    });
  });

  test("may be signed by any of several keys, and by whom nobody here knows", () => {
    const later = signer(origin, "acme's second key");
    const both = note + later.line(text) + witness.cosigned(text, 1_795_000_000);
    expect(readCheckpoint(both, readKeys([later.vkey]))).toMatchObject({
      signedBy: [later.id],
      unknown: [`${origin}+${acme.id}`, `${witness.name}+${witness.id}`],
    });
    expect(readCheckpoint(both, readKeys([acme.vkey, later.vkey])).signedBy).toEqual([acme.id, later.id]);
  });

  test("is refused without a signature by a key of its own log", () => {
    const stranger = signer("dais.example.org/audit/other", "other");
    const held = readKeys([acme.vkey, stranger.vkey]);
    false_(/not signed by a key/, `${text}\n${stranger.line(text)}`, held);
    false_(/not signed by a key/, `${text}\n${witness.cosigned(text, 5)}`, all);
    false_(/not signed by a key/, `${text}\n${acme.line(text, { name: stranger.name, id: acme.id })}`);
    false_(/not signed by a key/, note, readKeys([stranger.vkey]));
    false_(/signature of .* is false/, `${text}\n${signer(origin, "fork").line(text, acme)}`);
    false_(/signature of .* is false/, note + stranger.line("something else\n"), held);
  });

  test("is refused with other lines than its three, signed or not", () => {
    for (const bad of [
      `${text}extension\n`,
      `${origin}\n0\n`,
      `${origin}\n00\n${root.toString("base64")}\n`,
      `${origin}\n-1\n${root.toString("base64")}\n`,
      `${origin}\n9007199254740992\n${root.toString("base64")}\n`,
      `${origin}\n0\n${root.toString("base64").replace("=", "")}\n`,
      `${origin}\n0\n${root.subarray(1).toString("base64")}\n`,
      `\n0\n${root.toString("base64")}\n`,
      `${text}\n`,
      ` ${text}`,
    ]) {
      expect(() => readCheckpoint(`${bad}\n${acme.line(bad)}`, keys), bad).toThrow(Flaw);
    }
  });

  test("is refused where the note is malformed", () => {
    const line = acme.line(text);
    for (const bad of [
      text,
      `${text}\n`,
      `${text}${line}`,
      `${text}\n${line.trimEnd()}`,
      `${text}\n${line}\n`,
      `${text}\n${line.replace("—", "-")}`,
      `${text}\n${line.replace(" ", "  ")}`,
      `${text}\n${line.replace(/\n/, " \n")}`,
      `${text}\n${line.replace("\n", "\r\n")}`,
      `${text}\n${line}\0\n`,
      `${text}\n— ${origin} AAAA\n`,
      `${text}\n${line.repeat(101)}`,
      `${text}\n${line}${"x".repeat(70_000)}`,
    ]) {
      expect(() => readCheckpoint(bad, keys), JSON.stringify(bad.slice(-60))).toThrow(Flaw);
    }
  });
});

describe("a cosignature", () => {
  const cosigned = note + witness.cosigned(text, 1_795_000_000);

  test("says who saw the checkpoint, and when", () => {
    expect(readCheckpoint(cosigned, all, 1).cosignedBy).toEqual([
      { name: witness.name, at: new Date(1_795_000_000_000) },
    ]);
    expect(readCheckpoint(cosigned + second.cosigned(text, 7), all, 2).cosignedBy).toHaveLength(2);
  });

  test("is counted once for each witness, and not at all where its key isn't held", () => {
    false_(/1 witnesses signed .* 2 are asked for/, cosigned + witness.cosigned(text, 1_795_000_001), all, 2);
    false_(/0 witnesses signed .* 1 are asked for/, cosigned, keys, 1);
  });

  test("is refused where it is of another text, another time, or no cosignature", () => {
    false_(/cosignature of .* is false/, note + witness.cosigned(checkpointText(origin, 1, root), 5), all);
    const bytes = Buffer.from(witness.cosigned(text, 5).trim().split(" ")[2] as string, "base64");
    bytes[11] = 6;
    false_(/cosignature of .* is false/, `${note}— ${witness.name} ${bytes.toString("base64")}\n`, all);
    false_(/cosignature of .* is malformed/, note + witness.line(text), all);
  });
});
