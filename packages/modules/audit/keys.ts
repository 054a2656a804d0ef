import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import type { KeyReason } from "@dais/kernel/proof/sealing";
import type { NewKey } from "@dais/kernel/proof/signing-keys";
import { task } from "@dais/kernel/task";
import { own } from "./log.ts";

/** Ends the key of now: it signs nothing more. The sealer finds that there is none, and makes the next. Null where there was none. */
export async function retire(ctx: Ctx): Promise<string | null> {
  const [row] = await ctx.send(
    "update audit_keys set until_at = $2, sealed_private = null where tenant_id = $1 and until_at is null returning key_id",
    [ctx.tenant.id, ctx.now.toISOString()],
  );
  return (row?.key_id as string | undefined) ?? null;
}

/**
 * Puts a key that the sealer has made in the place of the one before. That a key was rotated or lost is on record; the very first one
 * is nothing that anybody did. Of two processes that do it at once, the first one's key holds.
 */
export const keepKey = task({
  name: "audit.keepKey",
  action: "audit.keep_key",
  quiet: true,
  run: async (ctx, { key, reason, former }: { key: NewKey; reason: KeyReason; former: string | null }) => {
    const [, [current]] = await Promise.all([
      ctx.send("select pg_advisory_xact_lock(hashtextextended('audit keys ' || $1::text, 0))", [ctx.tenant.id]),
      ctx.send("select key_id from audit_keys where tenant_id = $1 and until_at is null", [ctx.tenant.id]),
    ]);
    if ((current?.key_id ?? null) !== former) return;
    const [at, its] = [ctx.now.toISOString(), ctx.tenant.id];
    if (former !== null)
      await ctx.send(
        "update audit_keys set until_at = $2, lost_at = $2, sealed_private = null where tenant_id = $1 and until_at is null",
        [its, at],
      );
    await ctx.send(
      `insert into audit_keys (id, tenant_id, key_id, name, public_key, sealed_private, from_at) values ($1, $2, $3, $4, decode($5, 'hex'), $6, $7)`,
      [ctx.newId(), its, key.keyId, key.name, key.publicKey, key.sealed, at],
    );
    if (reason === "first") return;
    const formerKeyId = former ?? (await latest(ctx, key.keyId));
    const resource = own(ctx);
    record(ctx, { resource, decision: { reason, keyId: key.keyId, formerKeyId } });
    const payload = { id: resource.publicId, keyId: key.keyId, formerKeyId, reason };
    emit(ctx, { name: "audit.key_rotated", resource, payload });
  },
});

/** The key before this one. */
async function latest(ctx: Ctx, keyId: string): Promise<string | null> {
  const [row] = await ctx.send(
    "select key_id from audit_keys where tenant_id = $1 and key_id <> $2 order by until_at desc limit 1",
    [ctx.tenant.id, keyId],
  );
  return (row?.key_id as string | undefined) ?? null;
}
