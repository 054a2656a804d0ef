import { randomBytes } from "node:crypto";
import { acknowledgeLinks, recipientIn } from "@dais/kernel/couriers/links";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const key = (byte: number) => ({ key: new Uint8Array(32).fill(byte) });
const tenant = { id: "0196f1e8-0000-7000-8000-000000000001", slug: "rimal" };
const other = { id: "0196f1e8-0000-7000-8000-000000000002", slug: "noor" };
const recipient = "0196f1e8-1111-7222-8333-444444444444";
const tokenOf = (path: string): string => path.split("/").at(-1) as string;

describe("links by which a message is acknowledged", () => {
  const links = acknowledgeLinks([key(1)]);
  const path = links.make(tenant, recipient);
  const token = tokenOf(path);

  test("lead to the recipient whose they are, and are the same each time", () => {
    expect(path).toMatch(/^\/r\/rimal\/[A-Za-z0-9_-]{43}$/);
    expect(links.make(tenant, recipient)).toBe(path);
    expect([links.read(tenant.id, token), recipientIn(token)]).toEqual([recipient, recipient]);
  });

  test("are worth nothing in another organisation, or by another server's key", () => {
    expect(links.read(other.id, token)).toBeNull();
    expect(acknowledgeLinks([key(2)]).read(tenant.id, token)).toBeNull();
  });

  test("outlive the key that made them while it stands behind the new one, and end with it", () => {
    const rotated = acknowledgeLinks([key(2), key(1)]);
    expect(rotated.read(tenant.id, token)).toBe(recipient);
    expect(tokenOf(rotated.make(tenant, recipient))).not.toBe(token);
    expect(links.read(tenant.id, tokenOf(rotated.make(tenant, recipient)))).toBeNull();
  });

  test("no letter of one can be changed, left out or added", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const at of Array(token.length).keys())
      for (const letter of letters)
        if (letter !== token[at])
          expect(links.read(tenant.id, token.slice(0, at) + letter + token.slice(at + 1))).toBeNull();
    for (const wrong of [token.slice(1), token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`, ""])
      expect([links.read(tenant.id, wrong), recipientIn(`${wrong}?`)]).toEqual([null, null]);
  });

  test("nobody's text leads anywhere", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.uint8Array({ minLength: 32, maxLength: 32 })), (given) => {
        const text = typeof given === "string" ? given : Buffer.from(given).toString("base64url");
        expect(links.read(tenant.id, text)).toBeNull();
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("a server without a key makes none", () => {
    expect(() => acknowledgeLinks([])).toThrow("a key");
    expect(() => links.make(tenant, randomBytes(4).toString("hex"))).toThrow("uuid");
  });
});
