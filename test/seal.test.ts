import { createDecipheriv, randomBytes } from "node:crypto";
import { sealer } from "@dais/kernel/seal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const aKey = (id: string) => ({ id, key: randomBytes(32) });
const one = aKey("2026-11");
const two = aKey("2026-12");
const box = sealer([one]);

describe("a sealed text", () => {
  test("opens as it was, whatever it holds", () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 300 });
    fc.assert(
      fc.property(texts, texts, (text, about) => {
        expect(box.open(box.seal(text, about), about)).toBe(text);
      }),
    );
    const long = "x".repeat(100_000);
    expect(box.open(box.seal(long, "ses_1"), "ses_1")).toBe(long);
  });

  test("shows its version and its key's id, and nothing of the text; no two are alike", () => {
    const sealed = Array.from({ length: 1000 }, () => box.seal("refresh-token-of-somebody", "ses_1"));
    for (const each of sealed) expect(each).toMatch(/^v1\.2026-11\.[A-Za-z0-9_-]{71}$/);
    const nonces = sealed.map((each) => Buffer.from(each.split(".")[2] as string, "base64url").toString("hex", 0, 12));
    expect(new Set(nonces).size).toBe(1000);
    for (const each of sealed)
      expect(Buffer.from(each.slice(11), "base64url").toString("latin1")).not.toContain("token");
  });

  test("is AES-256-GCM with a nonce of 96 bits, a tag of 128, and head and owner as additional data", () => {
    const bytes = Buffer.from(box.seal("hello", "ses_1").slice("v1.2026-11.".length), "base64url");
    const decipher = createDecipheriv("aes-256-gcm", one.key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from("v1.2026-11.ses_1")).setAuthTag(bytes.subarray(-16));
    expect(decipher.update(bytes.subarray(12, -16), undefined, "utf8") + decipher.final("utf8")).toBe("hello");
  });

  test("null: it belongs to something else", () => {
    const sealed = box.seal("secret", "ses_1");
    for (const about of ["ses_2", "", "ses_1 ", "SES_1"]) expect(box.open(sealed, about)).toBeNull();
  });

  test("null: any one bit of it was changed", () => {
    const sealed = box.seal("secret", "ses_1");
    const head = "v1.2026-11.";
    const bytes = Buffer.from(sealed.slice(head.length), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(box.open(head + changed.toString("base64url"), "ses_1")).toBeNull();
    }
  });

  test("null: cut, lengthened, of another version, or written in another way", () => {
    const sealed = box.seal("secret", "ses_1");
    for (let length = 0; length < sealed.length; length += 1)
      expect(box.open(sealed.slice(0, length), "ses_1")).toBeNull();
    for (const other of [`${sealed}A`, `${sealed}=`, `${sealed}\n`, ` ${sealed}`, sealed.replace("v1", "v2")])
      expect(box.open(other, "ses_1")).toBeNull();
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const odd = box.seal("1", "ses_1"); // 29 bytes: the last letter carries two bits that belong to nobody
    const last = letters.indexOf(odd.at(-1) as string);
    expect(box.open(odd.slice(0, -1) + letters[last + 1], "ses_1")).toBeNull();
  });

  test("null for whatever comes from outside, never an error", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => box.open(text, "ses_1") === null));
    fc.assert(
      fc.property(fc.base64String({ maxLength: 100 }), (text) => box.open(`v1.2026-11.${text}`, "ses_1") === null),
    );
  });
});

describe("keys", () => {
  test("the first seals, all open: a new one goes to the front", () => {
    const old = box.seal("secret", "ses_1");
    const both = sealer([two, one]);
    expect(both.open(old, "ses_1")).toBe("secret");
    const fresh = both.seal("secret", "ses_1");
    expect(fresh).toMatch(/^v1\.2026-12\./);
    expect(sealer([two]).open(fresh, "ses_1")).toBe("secret");
  });

  test("null: the key is gone, is another one under the same id, or the text names another key", () => {
    const sealed = box.seal("secret", "ses_1");
    expect(sealer([two]).open(sealed, "ses_1")).toBeNull();
    expect(sealer([aKey(one.id)]).open(sealed, "ses_1")).toBeNull();
    expect(sealer([one, two]).open(sealed.replace("2026-11", "2026-12"), "ses_1")).toBeNull();
    const same = sealer([one, { id: "alias", key: one.key }]);
    expect(same.open(sealed.replace("2026-11", "alias"), "ses_1")).toBeNull();
  });

  test("one that is none is refused when the sealer is made, and is not shown", () => {
    const short = { id: "short", key: Buffer.from("sixteen bytes!!!") };
    expect(() => sealer([])).toThrow("There must be a key");
    expect(() => sealer([one, short])).toThrow("The sealing key short must have 32 bytes.");
    expect(() => sealer([one, { ...two, id: one.id }])).toThrow("the same id");
    for (const id of ["", "a.b", "x".repeat(33), "a b"]) expect(() => sealer([{ ...one, id }])).toThrow("letters");
  });

  test("changing the caller's bytes afterwards changes nothing", () => {
    const bytes = randomBytes(32);
    const own = sealer([{ id: "own", key: bytes }]);
    const sealed = own.seal("secret", "ses_1");
    bytes.fill(0);
    expect(own.open(sealed, "ses_1")).toBe("secret");
  });
});
