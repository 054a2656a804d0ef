import { request } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { startServer } from "./support/server.ts";
import { aStatus, aVendor } from "./support/vendor.ts";

const publicUrl = "http://dais.test";
/** Of this file alone: what vendors told is of no organisation. */
const name = `v${crypto.randomUUID().slice(0, 8)}`;
const vendor = aVendor(name);

let url: string;
beforeAll(async () => {
  url = (await startServer({ carriers: vendor.carriers })).url;
});

const told = async (
  path: string,
  said: unknown,
  options: { known?: string; headers?: Record<string, string> } = {},
) => {
  const answer = await vendor.post(url, path, said, { known: publicUrl, ...options });
  const body = answer.status === 200 ? null : ((await answer.json()) as { code: string });
  return { status: answer.status, code: body?.code ?? null, headers: answer.headers };
};
const kept = (id: string) =>
  asOwner()`select vendor, told, tries, outcome, next_at is not null as due from courier_callbacks
    where vendor = ${name} and told->>'vendorId' = ${id} order by received_at, id`;
const fresh = () => crypto.randomUUID();
const metric = async (outcome: string) =>
  Number(
    new RegExp(`dais_callbacks_received_total\\{[^}]*vendor="${name}",outcome="${outcome}"[^}]*\\} (\\d+)`).exec(
      await (await fetch(`${url}/metrics`)).text(),
    )?.[1] ?? 0,
  );

describe("callbacks of vendors", () => {
  test.each([`/callbacks/${name}`, `/callbacks/${name}/rimal`, `/callbacks/${name}/rimal?try=2&x=%C3%A9`])(
    "200: %s is put aside, to be applied",
    async (path) => {
      const id = fresh();
      expect(await told(path, [aStatus(id)])).toMatchObject({ status: 200 });
      expect(await kept(id)).toMatchObject([{ vendor: name, told: aStatus(id), tries: 0, outcome: null, due: true }]);
    },
  );

  test("200: the same again, alone or among others, is the same", async () => {
    const [id, other] = [fresh(), fresh()];
    const many = Array.from({ length: 5 }, () => told(`/callbacks/${name}`, [aStatus(id)]));
    expect((await Promise.all(many)).map(({ status }) => status)).toEqual(Array(5).fill(200));
    await told(`/callbacks/${name}`, [aStatus(id), aStatus(other), aStatus(other, "read")]);
    expect([(await kept(id)).length, (await kept(other)).length]).toEqual([1, 2]);
  });

  test("200: with what this vendor takes for heard, and nothing that would be told on", async () => {
    const answer = await vendor.post(url, `/callbacks/${name}`, [aStatus(fresh())], { known: publicUrl });
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["text/plain; charset=utf-8", "heard"]);
  });

  test("200: what doesn't matter here is heard, and not kept", async () => {
    const before = await metric("ignored");
    expect(await told(`/callbacks/${name}`, [])).toMatchObject({ status: 200 });
    expect(await metric("ignored")).toBe(before + 1);
  });

  test("200: the address that is signed is the configured one, whatever Host and its kin say", async () => {
    const id = fresh();
    const lies = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil.example" };
    expect(await told(`/callbacks/${name}`, [aStatus(id)], { headers: lies })).toMatchObject({ status: 200 });
    expect(await kept(id)).toHaveLength(1);
    // The same request, signed for the name by which it was sent.
    expect(await told(`/callbacks/${name}`, [aStatus(id)], { known: url })).toMatchObject({ status: 403 });
  });

  test.each([
    ["for another address", { known: "http://evil.test" }],
    ["with no signature", { headers: { "x-signature": "" } }],
    ["with another signature", { headers: { "x-signature": "0".repeat(64) } }],
  ])("403 callback_refused: signed %s; nothing is kept", async (_, options) => {
    const [id, before] = [fresh(), await metric("refused")];
    expect(await told(`/callbacks/${name}`, [aStatus(id)], options)).toMatchObject({
      status: 403,
      code: "callback_refused",
    });
    expect(await kept(id)).toEqual([]);
    expect(await metric("refused")).toBe(before + 1);
  });

  test("403 callback_refused: moved to another path or query than it was signed for", async () => {
    const seen: { headers: Headers; body: string }[] = [];
    const id = fresh();
    const body = JSON.stringify([aStatus(id)]);
    const right = aVendor(name);
    const original = globalThis.fetch;
    // What the vendor would send, taken on its way.
    globalThis.fetch = async (_url, init) => {
      seen.push({ headers: new Headers(init?.headers), body: init?.body as string });
      return new Response();
    };
    await right.post(url, `/callbacks/${name}/rimal`, [aStatus(id)], { known: publicUrl });
    globalThis.fetch = original;
    const [taken] = seen;
    for (const path of [`/callbacks/${name}`, `/callbacks/${name}/other`, `/callbacks/${name}/rimal?x=1`]) {
      const answer = await fetch(url + path, { method: "POST", headers: taken?.headers ?? {}, body });
      expect(answer.status).toBe(403);
    }
    expect(await kept(id)).toEqual([]);
  });

  test("404 not_found: a vendor that isn't configured, whatever it says", async () => {
    expect(await told("/callbacks/nobody", [aStatus(fresh())])).toMatchObject({ status: 404, code: "not_found" });
    expect((await fetch(`${url}/callbacks`, { method: "POST" })).status).toBe(404);
  });

  test("405: nothing but POST", async () => {
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const answer = await fetch(`${url}/callbacks/${name}`, { method });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    }
  });

  test("413 payload_too_large: said to be too much, or found to be", async () => {
    const much = [aStatus("x".repeat(300_000))];
    expect(await told(`/callbacks/${name}`, much)).toMatchObject({ status: 413, code: "payload_too_large" });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${url}/callbacks/${name}`, { method: "POST" }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      // The answer may come, and the connection end, while it is still being sent.
      sent.on("error", (error) => reject(error));
      sent.write(Buffer.alloc(300_000, 32));
      sent.flushHeaders();
    });
    expect(status).toBe(413);
  });

  test("429 rate_limited: who sends many that no vendor signed", async () => {
    const limited = await startServer({ carriers: vendor.carriers, redis: null, env: { RATE_AUTH: "3" } });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1)
      statuses.push((await vendor.post(limited.url, `/callbacks/${name}`, [], { known: "http://evil.test" })).status);
    expect(statuses.slice(0, 2)).toEqual([403, 403]);
    expect(statuses.at(-1)).toBe(429);
    // The vendor's own are taken nevertheless.
    expect((await vendor.post(limited.url, `/callbacks/${name}`, [], { known: publicUrl })).status).toBe(200);
  });

  test("503 unavailable: the database is away; the vendor says it again", async () => {
    const connection = { host: "127.0.0.1", port: 1, database: "none", username: "none", password: "none" };
    const alone = await startServer({ carriers: vendor.carriers, redis: null, connection });
    const answer = await vendor.post(alone.url, `/callbacks/${name}`, [aStatus(fresh())], { known: publicUrl });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await vendor.post(alone.url, `/callbacks/${name}`, [], { known: publicUrl })).status).toBe(200);
  });
});
