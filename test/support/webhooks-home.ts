import { sealer } from "@dais/kernel/seal";
import type { WebhookOptions } from "@dais/worker/worker";
import type { Place, Who } from "./place.ts";
import { relayHome } from "./relay.ts";
import { type RestClient, restClient } from "./rest.ts";
import { posting, receivers } from "./webhooks.ts";

/** What secrets are sealed with. */
const key = new Uint8Array(32);

/** A database of the file's own with a server, receivers, and senders that a test starts. */
export async function webhooksHome() {
  const env = { ALLOWED_WEBHOOK_HOSTS: "localhost", SEAL_KEYS: `test:${Buffer.from(key).toString("base64")}` };
  const home = await relayHome({ env });
  const outside = await receivers();
  const { open } = sealer([{ id: "test", key }]);
  return {
    ...home,
    outside,
    /** Its settings. */
    env,
    /** Delivers events to webhooks as a process does. */
    send: (more: Partial<WebhookOptions> = {}, options: Parameters<typeof home.work>[1] = {}) =>
      home.work([], {
        ...options,
        webhooks: { app: home.server.app, publicUrl: "http://dais.test", post: posting(), open, ...more },
      }),
    /** An organisation, and a caller who may everything there. */
    async at(who: Who = {}): Promise<{ here: Place; api: RestClient }> {
      const here = await home.place();
      return { here, api: restClient(home.server.url, await here.key(who)) };
    },
    deliveries: (webhookId: string, api: RestClient) =>
      api.get(`/webhook-deliveries?webhookId=${webhookId}&limit=100`).then(({ body }) => body.items),
  };
}
export type WebhooksHome = Awaited<ReturnType<typeof webhooksHome>>;

/** Makes a webhook; answers with it, its secret included. */
export async function heard(api: RestClient, url: string, more: object = {}) {
  const { status, body } = await api.post("/webhooks", { name: "A test", url, classification: "secret", ...more });
  if (status !== 201) throw new Error(`no webhook: ${status} ${JSON.stringify(body)}`);
  return body;
}
