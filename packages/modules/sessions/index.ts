import { uuidOf } from "@dais/contracts/kit/ids";
import type { sessions as contract, Session } from "@dais/contracts/sessions";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { endSessions, revoke } from "@dais/kernel/revoke";

/** One function for each operation of contracts/sessions.ts, under the same name. */
export const sessions: Handlers<typeof contract> = {
  list: async (ctx) => ({ items: await own(ctx) }),

  revoke: async (ctx, { id }) => {
    const session = (await own(ctx)).find((one) => one.id === id);
    if (!session) throw new Problem("session_not_found");
    ended(ctx, ctx.actor.id, session);
    endSessions(ctx, { personId: ctx.actor.id, id });
    return session;
  },

  revokeAll: async (ctx, { includingThis }) => {
    const leaving = (await own(ctx)).filter(({ current }) => includingThis || !current);
    return endAll(ctx, ctx.actor.id, leaving, includingThis ? null : (ctx.actor.session?.id ?? null));
  },
};

/** Where a person is signed in, newest first. @throws unavailable */
export async function sessionsOf(ctx: Ctx, personId: string): Promise<Session[]> {
  const found = await ctx.sessions.list({ tenantId: ctx.tenant.id, personId }).catch(() => {
    throw new Problem("unavailable", { retryAfterSeconds: 2 });
  });
  return found.map(({ id, openedAt, lastSeenAt, endsAt, provenAt, address, userAgent }) => ({
    id,
    openedAt: instant(openedAt),
    lastSeenAt: instant(lastSeenAt),
    endsAt: instant(endsAt),
    provenAt: provenAt === null ? null : instant(provenAt),
    address,
    userAgent,
    current: id === ctx.actor.session?.id,
  }));
}

/**
 * Ends a person's sessions but for the one with the id `except`, and with them what the issuer's tokens were good for until now. `known`:
 * those sessions that are there now.
 */
export async function endAll(ctx: Ctx, personId: string, known: readonly Session[], except: string | null = null) {
  for (const session of known) ended(ctx, personId, session);
  if (known.length === 0) record(ctx, { resource: { type: "session", id: null }, changed: false });
  endSessions(ctx, { personId, except }); // also one that is opened just now
  await endTokens(ctx, personId);
  return { changed: known.length > 0, ended: known.length };
}

/** From now on a token of the issuer's for this person must be a newer one, in whatever program's hands it is. */
export async function endTokens(ctx: Ctx, personId: string): Promise<void> {
  await ctx.send("update people set signed_out_at = $3 where tenant_id = $1 and id = $2", [
    ctx.tenant.id,
    uuidOf(personId),
    ctx.now.toISOString(),
  ]);
  revoke(ctx, personId);
}

/** A key is not signed in. */
const own = (ctx: Ctx): Promise<Session[]> => (ctx.actor.session ? sessionsOf(ctx, ctx.actor.id) : Promise.resolve([]));

function ended(ctx: Ctx, personId: string, session: Session): void {
  const resource = { type: "session", id: uuidOf(session.id) };
  record(ctx, { resource, before: { personId }, after: { personId: null } });
  emit(ctx, { name: "session.revoked", resource, payload: { id: session.id, personId } });
}

const instant = (ms: number) => new Date(ms).toISOString();
