import type { Server } from "@dais/api/server";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { emit } from "@dais/kernel/outbox";
import type { Place } from "./place.ts";

type Happening = {
  /** Who hears of it: `signal` needs signal.read, `entity` entity.read, `person` person.read. */
  what?: keyof typeof kinds;
  classification?: string | null;
  entityId?: string | null;
  times?: number;
};

const kinds = { signal: "sig", entity: "ent", person: "per" } as const;

/** Lets something happen in an organisation, in one transaction, and answers with the ids of what it happened to, in their order. */
export async function happens(
  { kernel }: Pick<Server, "kernel">,
  { tenantId }: Place,
  { what = "signal", classification = null, entityId = null, times = 1 }: Happening = {},
): Promise<string[]> {
  const uuids = Array.from({ length: times }, () => crypto.randomUUID());
  const run = async (ctx: Parameters<typeof emit>[0]) => {
    for (const id of uuids) {
      const resource = { type: what, id, version: 1, classification, entityId: entityId && uuidOf(entityId) };
      if (what === "entity") emit(ctx, { name: "entity.created", resource, payload: { id: idOf("ent", id) } });
      else if (what === "person") emit(ctx, { name: "person.updated", resource, payload: { id: idOf("per", id) } });
      else {
        const payload = { id: idOf("sig", id), severity: "severe", category: "met" } as const;
        emit(ctx, { name: "signal.ingested", resource, payload });
      }
    }
  };
  await kernel.perform(
    { name: "tests.happen", action: "test.happen", quiet: true, run },
    { tenantId, requestId: "a-test" },
    null,
  );
  return uuids.map((id) => idOf(kinds[what], id));
}
