import { uuidOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "./context.ts";
import { type Link, standingOf } from "./standing.ts";

/** What somebody may do now. `permissions` is null where only a credential says what they are. */
export type StandingNow = { permissions: ReadonlySet<string> | null; clearance: string };

/** As whoever asks within a tenant, with or without a call. */
type Asking = Pick<Ctx, "send" | "now"> & { readonly tenant: Pick<Ctx["tenant"], "id" | "levels"> };

/**
 * What somebody who called once may do now, by their public id: for work that goes on after the call. Null where they are good for
 * nothing any more. What a program may do is said by the issuer with each token, and not known here: of it, only that it is still let in
 * and how high it is cleared.
 */
export async function standingNow(ctx: Asking, id: string): Promise<StandingNow | null> {
  const text = texts[id.slice(0, 4)];
  const [row] = text ? await ctx.send(text, [ctx.tenant.id, uuidOf(id)]) : [];
  if (!row) return null;
  if (row.line) {
    const { over, permissions, clearance } = standingOf(ctx.tenant.levels, row.line as Link[], ctx.now);
    return over ? null : { permissions: new Set(permissions), clearance };
  }
  const permissions = row.permissions as string[] | null;
  return { permissions: permissions && new Set(permissions), clearance: row.clearance as string };
}

const texts: Readonly<Record<string, string>> = {
  per_: `select p.clearance, to_json(permissions_of(roles_of(p.id))) as permissions from people p
    where p.tenant_id = $1 and p.id = $2 and p.disabled_at is null`,
  key_: "select key_line(k.id) as line from api_keys k where k.tenant_id = $1 and k.id = $2 and k.revoked_at is null",
  agt_: `select a.clearance, to_json(a.permissions) as permissions from agents a
    where a.tenant_id = $1 and a.id = $2 and a.state = 'active' and exists (
      select from people p where p.tenant_id = a.tenant_id and p.id = a.owner_id and p.disabled_at is null)`,
  prg_: "select p.clearance, null as permissions from programs p where p.tenant_id = $1 and p.id = $2 and p.disabled_at is null",
};
