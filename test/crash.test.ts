import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { dyingServer } from "./support/dying.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { cleanUp } from "./support/programs.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

afterEach(cleanUp);

let url: string;
let here: Place;
beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
});

const signals = (source: string) =>
  asOwner()`select id from signals where tenant_id = ${here.tenantId} and source = ${source}`;

describe("a process killed in the middle of a command", () => {
  test("between commit and answer: the retry, elsewhere, gets the answer that was lost", async () => {
    const key = await here.key();
    const dying = await dyingServer((bytes) => bytes.includes("commit"));
    const call = (at: string) =>
      restClient(at, key).post("/signals", aSignal({ source: "lost" }), { "idempotency-key": "lost-1" });
    await expect(call(dying.url)).rejects.toThrow();
    await expect.poll(() => signals("lost")).toHaveLength(1);

    const retry = await call(url);
    expect(retry).toMatchObject({ status: 201, body: { changed: true } });
    expect(retry.headers.get("idempotency-replayed")).toBe("true");
    expect(await signals("lost")).toHaveLength(1);
  });

  test("before the commit: nothing has happened, and the retry does it", async () => {
    const key = await here.key();
    const dying = await dyingServer((bytes) => bytes.includes("begin read write"));
    const call = (at: string) =>
      restClient(at, key).post("/signals", aSignal({ source: "never" }), { "idempotency-key": "never-1" });
    await expect(call(dying.url)).rejects.toThrow();

    const retry = await call(url);
    expect(retry.status).toBe(201);
    expect(retry.headers.get("idempotency-replayed")).toBeNull();
    const made = await signals("never");
    expect(made).toHaveLength(1);
    expect(await here.trail(made[0]?.id)).toHaveLength(1);
  });
});
