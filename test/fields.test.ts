import { request } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { startServer } from "./support/server.ts";

let url: string;
let key: string;
beforeAll(async () => {
  ({ url } = await startServer());
  key = await (await place()).key();
});

/** What a browser is told with every answer, whichever face gives it. */
const protective = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
};

describe("the fields of an answer", () => {
  const addresses = ["/v1/signals", "/v1/nothing", "/v1/signals/", "/trpc/signals.list", "/mcp", "/livez", "/nothing"];

  test.each(addresses)("%s: protects whoever shows it, and names its request", async (path) => {
    for (const method of ["GET", "OPTIONS"]) {
      const headers = { authorization: `Bearer ${key}`, "x-request-id": "asked-by-a-test" };
      const answer = await fetch(url + path, { method, headers, redirect: "manual" });
      expect(Object.fromEntries(answer.headers)).toMatchObject({ ...protective, "x-request-id": "asked-by-a-test" });
    }
  });
});

describe("the fields of a request", () => {
  test("401: who authorizes twice is let in by neither", async () => {
    const headers = ["authorization", `Bearer ${key}`, "authorization", "Bearer another"];
    const status = await new Promise((resolve) => {
      request(`${url}/v1/signals`, { headers: ["host", "localhost", ...headers] }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(status).toBe(401);
  });
});
