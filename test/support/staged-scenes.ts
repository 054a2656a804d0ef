import { asOwner } from "./owner.ts";
import type { Person } from "./people.ts";
import { proposer, reported } from "./proposals.ts";
import type { Reply, RestClient } from "./rest.ts";
import type { Home } from "./things.ts";

/** An organisation before an operation's example is done in it: with the things that the example names, just made. */
export type Scene = Home & {
  /** What the example says, with the ids of those things. */
  // biome-ignore lint/suspicious/noExplicitAny: each operation's own, which its line knows.
  input: Record<string, any>;
  /** An administrator who approves, too, and calls where a person must. */
  caller: Person;
  /** Speaks as this person, with a second factor. */
  admin: RestClient;
};
/** What must be said otherwise than in the example, by what is said there. */
type Otherwise = Record<string, string>;
/** Does what came before the example. */
type Stage = (scene: Scene) => Promise<Otherwise>;

/** What comes before an example, for those that tell of more than things which were just made. */
export const stages: Record<string, Stage> = {
  "agents.resume": async ({ api, input: { id } }) => {
    await done(api.post(`/agents/${id}/suspend`, { version: 1, reason: "A test." }));
    // Who is suspended has changed once.
    return { '"version": 1': '"version": 2', "version: 1": "version: 2" };
  },
  "groups.removeMember": ({ api, input: { id, memberId } }) => done(api.post(`/groups/${id}/add-member`, { memberId })),
  "me.update": ({ api, caller, input: { version } }) => renamed(api, caller.id, version),
  "people.enable": ({ api, input: { id } }) => done(api.post(`/people/${id}/disable`, { reason: "Away for a year." })),
  "people.revokeRole": ({ admin, input: { id, role } }) => done(admin.post(`/people/${id}/grant-role`, { role })),
  "people.setClearance": ({ api, input: { id, version } }) => renamed(api, id, version),
  "people.setDeputies": ({ api, input: { id, version } }) => renamed(api, id, version),
  "people.signOut": async ({ place, input: { id } }) => {
    const person = await place.person({ roles: [] });
    await signedInTwice(person);
    return { [id]: person.id };
  },
  "people.update": ({ api, input: { id, version } }) => renamed(api, id, version),
  "programs.create": async ({ place, caller: { tid }, input: { directory, clientId } }) => {
    await asOwner()`insert into directories (tid, tenant_id, makes_people) values (${tid}, ${place.tenantId}, true)`;
    return { [directory]: tid, [clientId]: crypto.randomUUID() };
  },
  "programs.enable": ({ api, input: { id } }) => done(api.post(`/programs/${id}/disable`, {})),
  "proposals.withdraw": async ({ place, api, caller, input: { id } }) => {
    const { key } = await proposer(place, { owner: caller });
    const { body } = await api.as(key).post(`/signals/${(await reported(api)).id}/acknowledge`, { version: 1 });
    return { [id]: body.id };
  },
  "roles.unmap": ({ admin, input }) => done(admin.post("/roles/map", input)),
  "sessions.revoke": async ({ caller, admin, input: { id } }) => {
    await caller.session();
    const { items } = (await admin.get("/sessions")).body;
    return { [id]: items.find(({ current }: { current: boolean }) => !current).id };
  },
  "sessions.revokeAll": ({ caller }) => signedInTwice(caller),
  "signalGroups.split": async ({ api, input: { id, signalIds } }) => {
    const { items } = (await api.get(`/signal-groups/${id}/signals`)).body;
    return { [signalIds[0]]: items[0].id };
  },
  "signals.dismiss": acknowledged,
  "signals.escalate": acknowledged,
  "signals.removeLink": async ({ api, input: { id, linkId } }) => {
    const { body } = await api.post(`/signals/${id}/add-link`, { target: "https://dais.example/page" });
    return { [linkId]: body.link.id };
  },
  "signals.reopen": async (scene) => {
    await acknowledged(scene);
    return done(scene.api.post(`/signals/${scene.input.id}/dismiss`, { version: 2, reason: "A test." }));
  },
  "signals.settleReview": ({ api, input: { id } }) => done(api.post(`/signals/${id}/assess`, doubtful)),
  // The example's moment was to come when it was written.
  "signals.snooze": async ({ input: { until } }) => ({ [until]: new Date(Date.now() + 86_400_000).toISOString() }),
};

const doubtful = { label: "flood", severity: "minor", confidence: 0.1, rationale: "A test." };

function acknowledged({ api, input: { id } }: Scene): Promise<Otherwise> {
  return done(api.post(`/signals/${id}/acknowledge`, { version: 1 }));
}

/** Nothing has to be said otherwise after that. */
async function done(asked: Promise<Reply>): Promise<Otherwise> {
  const { status, body } = await asked;
  if (status >= 300) throw new Error(`The stage could not be set: ${status} ${JSON.stringify(body)}`);
  return {};
}

/** A person to whom something has happened, until they have this version. */
async function renamed(api: RestClient, id: string, version: number): Promise<Otherwise> {
  for (let at = 1; at < version; at += 1) await done(api.patch(`/people/${id}`, { version: at, nameAr: `ليلى ${at}` }));
  return {};
}

async function signedInTwice(person: Person): Promise<Otherwise> {
  await person.session();
  await person.session();
  return {};
}
