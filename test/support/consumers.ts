import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import type { Consumer } from "@dais/kernel/relay/consumer";
import type { DeliveredEvent } from "@dais/kernel/relay/event";
import { task } from "@dais/kernel/task";

/** Changes an entity, as a command does that holds its row, and tells of it. */
export const touch = task({
  name: "entities.touch",
  action: "entity.update",
  async run(ctx: Ctx, id: string) {
    const [row] = await ctx.send(
      "update entities set version = version + 1 where tenant_id = $1 and id = $2 returning version",
      [ctx.tenant.id, uuidOf(id)],
    );
    const resource = { type: "entity", id: uuidOf(id), version: row?.version as number };
    record(ctx, { resource });
    emit(ctx, { name: "entity.updated", resource, payload: { id } });
    return resource.version;
  },
});

/** Writes down what it takes, in the table `taken` of the file's own database. A test may make it throw. */
export const taking = (name: string, refuse: (event: DeliveredEvent) => void | Promise<void> = () => {}): Consumer => ({
  name,
  events: ["entity.updated"],
  handle: task({
    name: `${name}.take`,
    action: "entity.take",
    quiet: true,
    async run(ctx, event: DeliveredEvent) {
      await ctx.send(
        "insert into taken (consumer, tenant_id, resource_id, version, actor, on_behalf_of, request_id) values ($1, $2, $3, $4, $5, $6, $7)",
        [
          name,
          ctx.tenant.id,
          event.resourceId,
          event.resourceVersion,
          ctx.actor.id,
          ctx.actor.onBehalfOf,
          ctx.requestId,
        ],
      );
      await refuse(event);
    },
  }),
});

export const impatient = { firstMs: 20, mostMs: 100, attempts: 3 };
/** The table that `taking` writes. */
export const takenTable = `
  create table taken (
    n bigint primary key generated always as identity, consumer text not null, tenant_id uuid not null, resource_id uuid not null,
    version int, actor text not null, on_behalf_of text, request_id text not null);
  grant select, insert on taken to dais_app`;
