import type { InboxItem } from "@dais/contracts/inbox";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { me as contract, Me, WaitingItem } from "@dais/contracts/me";
import type { Person } from "@dais/contracts/person";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { waitingFor } from "@dais/kernel/waiting-for";
import { agents } from "@dais/modules/agents";
import { apiKeys } from "@dais/modules/apiKeys";
import { organisations } from "@dais/modules/organisations";
import { changePerson, peopleOf } from "@dais/modules/people";
import { programs } from "@dais/modules/programs";
import { sessionsOf } from "@dais/modules/sessions";

/** One function for each operation of contracts/me.ts, under the same name. */
export const me: Handlers<typeof contract> = {
  get: async (ctx) => {
    const { actor } = ctx;
    const [organisation, { name, person }, session] = await Promise.all([
      organisations.current(ctx, {}),
      actor.kind === "user" ? personOf(ctx) : nameOf(ctx),
      actor.session ? sessionOf(ctx, actor.session.id) : null,
    ]);
    const { id, slug, timeZone, settings } = organisation;
    return {
      actor: { id: actor.id, kind: actor.kind, name },
      person,
      roles: [...actor.roles].sort(),
      permissions: [...actor.permissions].sort(),
      clearance: actor.clearance,
      onBehalfOf: actor.onBehalfOf,
      tenant: { id, slug, name: organisation.name, timeZone, ...settings },
      session,
    };
  },

  waiting: async (ctx, input) => {
    const after = positionOf(ctx, input) as [string, string] | null;
    const rows = await waitingFor(ctx, { ...input, quiet: true }, after, input.limit + 1);
    return pageOf(ctx, input, rows, shown, ({ since, id }) => [since, uuidOf(id)]);
  },

  update: async (ctx, { version, ...wanted }) => {
    if (ctx.actor.kind !== "user") throw new Problem("me_person_only");
    return changePerson(ctx, ctx.actor.id, version, wanted, { changed: "me_changed", phone: "me_phone_invalid" });
  },
};

const shown = ({ kind, id, state, since, dueAt, overdue, via, onBehalfOf }: InboxItem): WaitingItem => ({
  ...{ machine: kind, resourceId: id, state, since, dueAt, overdue, via, fromId: onBehalfOf },
});

type Who = { name: Person["name"]; person: Person | null };

async function personOf(ctx: Ctx): Promise<Who> {
  const person = (await peopleOf(ctx, [ctx.actor.id])).get(ctx.actor.id);
  if (!person) throw new Error("a session of a person who is not there");
  return { name: person.name, person };
}

/** Of a key, a program or an agent. */
async function nameOf(ctx: Ctx): Promise<Who> {
  const { id } = ctx.actor;
  const of = { agt: agents, prg: programs }[id.slice(0, 3)] ?? apiKeys;
  const { name } = await of.get(ctx, { id });
  return { name: { en: name, ar: null }, person: null };
}

/** Null where it ended in this moment. */
async function sessionOf(ctx: Ctx, id: string): Promise<Me["session"]> {
  const session = (await sessionsOf(ctx, ctx.actor.id)).find((one) => one.id === id);
  return session ? { id, openedAt: session.openedAt, endsAt: session.endsAt, provenAt: session.provenAt } : null;
}
