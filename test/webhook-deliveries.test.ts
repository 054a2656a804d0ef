import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { make } from "./support/things.ts";

let url: string;
beforeAll(async () => {
  ({ url } = await startServer());
});
const home = async () => {
  const here = await place();
  return { place: here, api: restClient(url, await here.key()) };
};
/** Tries a webhook so many times; answers with its id and those of the deliveries, newest first. */
async function tried({ api, place: here }: { api: RestClient; place: Place }, times: number) {
  const webhookId = await make("whk", { api, place: here });
  const ids: string[] = [];
  for (let n = 0; n < times; n++) ids.unshift((await api.post(`/webhooks/${webhookId}/test`, {})).body.deliveryId);
  return { webhookId, ids };
}
const ended = (id: string, state: string) =>
  asOwner()`update webhook_deliveries set state = ${state}, next_at = null, tries = 9, error = 'timed_out', finished_at = now() where id = ${uuidOf(id)}`;

describe("webhookDeliveries.list", () => {
  test("200: of one webhook, newest first, page by page, by state", async () => {
    const at = await home();
    const { webhookId, ids } = await tried(at, 3);
    await tried(at, 1);
    const list = (more = "") =>
      at.api.get(`/webhook-deliveries?webhookId=${webhookId}${more}`).then(({ body }) => body);
    const first = await list("&limit=2");
    const rest = await list(`&limit=2&cursor=${encodeURIComponent(first.nextCursor)}`);
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    await ended(ids[1] as string, "failed");
    expect((await list("&state=failed")).items.map(({ id }: { id: string }) => id)).toEqual([ids[1]]);
    expect((await list("&state=waiting")).items).toHaveLength(2);
  });

  test("200: empty above the caller's clearance, of the webhook or of the event", async () => {
    const at = await home();
    const { webhookId } = await tried(at, 1);
    const list = async (clearance: string) => {
      const key = await at.place.key({ clearance });
      return (await at.api.as(key).get(`/webhook-deliveries?webhookId=${webhookId}`)).body.items.length;
    };
    expect([await list("public"), await list("internal")]).toEqual([0, 1]);
    await asOwner()`update webhook_messages set classification = 'secret' where tenant_id = ${at.place.tenantId}`;
    expect([await list("internal"), await list("secret")]).toEqual([0, 1]);
  });
});

describe("webhookDeliveries.get", () => {
  test("404 above the caller's clearance", async () => {
    const at = await home();
    const { ids } = await tried(at, 1);
    const lower = at.api.as(await at.place.key({ clearance: "public" }));
    expect((await lower.get(`/webhook-deliveries/${ids[0]}`)).body.code).toBe("webhook_delivery_not_found");
    expect((await at.api.get(`/webhook-deliveries/${ids[0]}`)).body).toMatchObject({ id: ids[0], replay: false });
  });
});

describe("webhookDeliveries.redeliver", () => {
  test("202: it begins anew, whatever became of it", async () => {
    const at = await home();
    const { ids } = await tried(at, 1);
    for (const state of ["failed", "delivered", "silenced"]) {
      await ended(ids[0] as string, state);
      const { status, body } = await at.api.post(`/webhook-deliveries/${ids[0]}/redeliver`, {});
      expect([status, body.state, body.error, body.finishedAt]).toEqual([202, "waiting", null, null]);
      expect(Date.parse(body.nextAt)).toBeLessThanOrEqual(Date.now());
    }
  });

  test("409 webhook_delivery_off where the webhook is switched off", async () => {
    const at = await home();
    const { webhookId, ids } = await tried(at, 1);
    await at.api.post(`/webhooks/${webhookId}/disable`, { version: 1 });
    expect(await at.api.post(`/webhook-deliveries/${ids[0]}/redeliver`, {})).toMatchObject({
      status: 409,
      body: { code: "webhook_delivery_off", state: "paused" },
    });
  });
});
