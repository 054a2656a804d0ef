import { idOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

const owner = asOwner();
let url: string;
beforeAll(async () => {
  url = (await startServer()).url;
});

describe("many organisations at once", () => {
  const homes = async (url: string) =>
    Promise.all(
      Array.from({ length: 10 }, async () => {
        const home = await place();
        const api = restClient(url, await home.key());
        await api.post("/signals/batch", { items: [aSignal({ title: home.slug }), aSignal({ title: home.slug })] });
        return { ...home, api };
      }),
    );
  const foreign = (slug: string, items: { title: string }[]) => items.filter((item) => item.title !== slug);

  test("500 calls at once over 10 organisations never mix", async () => {
    const all = await homes(url);
    const calls = Array.from({ length: 500 }, async (_, n) => {
      const home = all[n % 10] as (typeof all)[number];
      if (n % 7 === 0) return { home, answer: await home.api.get("/organisations/current") };
      if (n % 5 === 0) await home.api.post("/signals", aSignal({ title: home.slug }));
      return { home, answer: await home.api.get("/signals?limit=100") };
    });
    for (const { home, answer } of await Promise.all(calls)) {
      expect(answer.status).toBe(200);
      if (answer.body.items) expect(foreign(home.slug, answer.body.items)).toEqual([]);
      else expect(answer.body.id).toBe(idOf("org", home.tenantId));
    }
  });

  test("nor while their connections are being killed; and who was hit is told to try again", async () => {
    const name = `walls-${process.pid}`;
    const { url } = await startServer({
      env: { DATABASE_CONNECTIONS: "3" },
      connection: { ...inject("login"), connection: { application_name: name } },
    });
    const all = await homes(url);
    let killed = 0;
    let done = false;
    const killer = (async () => {
      while (!done) {
        killed += (await owner`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`)
          .length;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        const home = all[n % 10] as (typeof all)[number];
        const answer =
          n % 4 === 0
            ? await home.api.post("/signals", aSignal({ title: home.slug }))
            : await home.api.get("/signals?limit=100");
        if (answer.body.items) expect(foreign(home.slug, answer.body.items)).toEqual([]);
        return answer.status;
      }),
    );
    done = true;
    await killer;
    expect(killed).toBeGreaterThan(0);
    for (const status of statuses) expect([200, 201, 503]).toContain(status);
    for (const home of all) {
      const { items } = (await home.api.get("/signals?limit=100")).body;
      expect(foreign(home.slug, items)).toEqual([]);
      const trail = await home.trail();
      expect(trail.filter((entry) => entry.event === "ingest")).toHaveLength(items.length);
    }
  });
});
