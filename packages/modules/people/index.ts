import { uuidOf } from "@dais/contracts/kit/ids";
import type { people as contract } from "@dais/contracts/people";
import type { Person } from "@dais/contracts/person";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { endAll, sessionsOf } from "@dais/modules/sessions";
import { disable, enable, grantRole, revokeRole, setClearance } from "./access.ts";
import { changePerson } from "./change.ts";
import { setDeputies } from "./deputies.ts";
import { find, some, those } from "./rows.ts";

export { changePerson } from "./change.ts";
export { deputiesOf } from "./deputies.ts";

/** One function for each operation of contracts/people.ts, under the same name. */
export const people: Handlers<typeof contract> = {
  list: async (ctx, input) => {
    const after = positionOf(ctx, input) as [string, string] | null;
    const rows = await some(ctx, input, after, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (person) => person,
      ({ name, id }) => [name.en, uuidOf(id)],
    );
  },

  get: (ctx, { id }) => known(ctx, id),

  update: (ctx, { id, version, ...wanted }) => changePerson(ctx, id, version, wanted),
  setDeputies,

  disable,
  enable,
  grantRole,
  revokeRole,
  setClearance,

  sessions: async (ctx, { id }) => {
    const [items] = await Promise.all([sessionsOf(ctx, id), known(ctx, id)]);
    return { items };
  },

  signOut: async (ctx, { id }) => {
    const [sessions] = await Promise.all([sessionsOf(ctx, id), known(ctx, id)]);
    return endAll(ctx, id, sessions);
  },
};

/** Those of these people who exist, by id. */
export const peopleOf = async (ctx: Ctx, ids: readonly string[]): Promise<Map<string, Person>> =>
  new Map((await those(ctx, ids)).map((person) => [person.id, person]));

async function known(ctx: Ctx, id: string): Promise<Person> {
  const person = await find(ctx, id);
  if (!person) throw new Problem("person_not_found");
  return person;
}
