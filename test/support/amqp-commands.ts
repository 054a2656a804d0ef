import { expect, inject } from "vitest";
import { amqpHome, outsider } from "./amqp.ts";
import type { Place } from "./place.ts";
import type { RestClient } from "./rest.ts";

/** A home with a broker, and somebody outside who sends commands there. */
export async function commandsHome() {
  const home = await amqpHome(inject("amqp"));
  const other = outsider(home.url);
  return {
    ...home,
    other,
    /** Waits until a worker reads the queue. */
    async ready({ queue }: Pick<Opened, "queue">): Promise<void> {
      // Last of those that a worker declares.
      const there = () =>
        other.queueDeclare({ queue: `${queue}.replies`, passive: true }).then(
          () => true,
          () => false,
        );
      await expect.poll(there).toBe(true);
    },
    async send({ queue }: Pick<Opened, "queue">, body: unknown, more: object = {}): Promise<void> {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      const out = other.createPublisher({ confirm: true });
      await out.send({ routingKey: queue, contentType: "application/json", durable: true, ...more }, bytes);
      await out.close();
    },
    entity: (here: Place, key: string) =>
      home.owner`select 1 from entities where tenant_id = ${here.tenantId} and key = ${key}`,
  };
}
export type CommandsHome = Awaited<ReturnType<typeof commandsHome>>;

type Opened = { id: string; queue: string; keyId: string };

/** An integration that is open. */
export async function opened(
  who: { admin: RestClient },
  permissions = ["entity.create", "person.disable", "person.read"],
): Promise<Opened> {
  const key = await who.admin.post("/api-keys", { name: "Sync", permissions, clearance: "internal" });
  const { status, body } = await who.admin.post("/integrations", { name: "Directory sync", keyId: key.body.id });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id: body.id, queue: body.queue, keyId: key.body.id };
}

export const making = (key: string, more: object = {}) => ({
  version: 1,
  operation: "entities.create",
  input: { key, name: { en: "Harbour" }, kind: "company" },
  idempotencyKey: `make-${key}`,
  ...more,
});

export const dead = async (api: RestClient, state?: string) =>
  (await api.get(`/dead-commands${state ? `?state=${state}` : ""}`)).body.items as Record<string, unknown>[];
