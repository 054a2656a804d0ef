import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { endSessions } from "@dais/kernel/revoke";
import { task } from "@dais/kernel/task";
import { endTokens } from "./index.ts";

type Known = { id: string; personId: string };

/** Ends a session that no caller ended: its issuer did, or could not renew it. */
export const sessionEnded = task({
  name: "sessions.end",
  action: "session.end",
  run: async (ctx, { session, reason }: { session: Known; reason: string }) => {
    record(ctx, { resource: { type: "session", id: uuidOf(session.id) }, reason });
    endSessions(ctx, { personId: session.personId, id: session.id });
  },
});

type Told = {
  /** The person, or by what a directory calls them. */
  who: { personId: string } | { tid: string; oid: string };
  /** Whether all sessions end, or those that were meant have ended already. */
  all: boolean;
  /** What happened takes nothing back: it is noted. */
  added: boolean;
  reason: string;
};

/** Takes what somebody who watches over identities says of a person: what they had until now is over. Nothing, where nobody is meant here. */
export const securityEvent = task({
  name: "sessions.securityEvent",
  action: "session.end",
  quiet: true,
  run: async (ctx, { who, all, added, reason }: Told) => {
    const personId = "personId" in who ? who.personId : await personNamed(ctx, who);
    if (personId === null) return;
    record(ctx, { resource: { type: "person", id: uuidOf(personId) }, changed: !added, reason });
    if (added) return;
    if (all) endSessions(ctx, { personId, except: null });
    await endTokens(ctx, personId);
  },
});

async function personNamed(ctx: Ctx, { tid, oid }: { tid: string; oid: string }): Promise<string | null> {
  const text = "select id from people where tenant_id = $1 and tid = $2 and oid = $3";
  const [row] = await ctx.send(text, [ctx.tenant.id, tid, oid]);
  return row ? idOf("per", row.id as string) : null;
}

/** Keeps on record that a person proved a second factor. */
export const steppedUp = task({
  name: "sessions.stepUp",
  action: "session.step_up",
  run: async (ctx, { id, personId }: Known) => {
    const after = { personId, provenAt: ctx.now.toISOString() };
    record(ctx, { resource: { type: "session", id: uuidOf(id) }, after });
  },
});

/** Keeps on record that somebody tried to prove a second factor for a session, in vain. */
export const stepUpRefused = task({
  name: "sessions.stepUp",
  action: "session.step_up",
  run: async (ctx, { session, reason }: { session: Known; reason: string }) =>
    record(ctx, { resource: { type: "session", id: uuidOf(session.id) }, changed: false, reason }),
});
