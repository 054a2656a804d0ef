import { uuidOf } from "@dais/contracts/kit/ids";
import { lane } from "@dais/kernel/lane";
import { waiting } from "@dais/kernel/webhooks/waiting";
import { beforeAll, describe, expect, test } from "vitest";
import { heard, type WebhooksHome, webhooksHome } from "./support/webhooks-home.ts";

let home: WebhooksHome;
beforeAll(async () => {
  home = await webhooksHome();
});

describe("how long webhooks that are well have waited", () => {
  test("is seen behind ten thousand of one that fails", async () => {
    const { here, api } = await home.at();
    const made = await Promise.all(["Fails", "Is well"].map((name) => heard(api, "https://localhost/hook", { name })));
    // In the order of the index, those of the failing one come first.
    const [failing, well] = made.map(({ id }) => uuidOf(id)).sort() as [string, string];
    await home.owner`update webhooks set failures = 3, failing_since = now() where id = ${failing}`;
    const due = (webhookId: string, count: number, since: string) => home.owner`
      with m as (
        insert into webhook_messages (tenant_id, event_id, name, classification, occurred_at, created_at, body)
        select ${here.tenantId}, gen_random_uuid(), 'signal.ingested', 'internal', now(), now(), '{}' from generate_series(1, ${count})
        returning tenant_id, event_id)
      insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, state, bulk, next_at, attempts, created_at)
      select gen_random_uuid(), tenant_id, ${webhookId}, event_id, 'waiting', false, ${since}::timestamptz, '[]', now() from m`;
    await due(failing, 10_050, "2026-01-06T03:00:00Z");
    await due(well, 1, "2026-01-06T03:59:00Z");
    const system = lane(home.connection, "dais_system");
    const now = new Date("2026-01-06T04:00:00Z");
    expect(await waiting(system, now)).toEqual({ due: 10_000, lagSeconds: 60, failing: 1 });
    await home.owner`delete from webhook_deliveries where webhook_id = ${well}`;
    expect(await waiting(system, now)).toMatchObject({ lagSeconds: 0 });
    await system.close();
  });
});
