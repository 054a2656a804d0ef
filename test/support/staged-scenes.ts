import { dayAfter } from "./actions.ts";
import { aBriefing, setPrinted } from "./briefings.ts";
import { setNotification, setRecipient } from "./notifications.ts";
import { asOwner } from "./owner.ts";
import type { Person } from "./people.ts";
import { proposer, reported } from "./proposals.ts";
import type { Reply, RestClient } from "./rest.ts";
import { sealedNow } from "./sealing.ts";
import { type Home, make } from "./things.ts";
import { addWitness, testWitness } from "./witness.ts";

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
  "actions.create": async ({ input: { dueDay } }) => ({ [dueDay]: dayAfter(3) }),
  "actions.removeEvidence": async ({ api, input: { id, linkId } }) => {
    const { body } = await api.post(`/actions/${id}/add-evidence`, { url: "https://dais.example/page" });
    return { [linkId]: body.evidence.id };
  },
  "actions.removeItem": withItem,
  "actions.reopen": ({ api, input: { id } }) =>
    done(api.post(`/actions/${id}/cancel`, { version: 1, reason: "A test." })),
  "actions.tick": withItem,
  "actions.unblock": ({ api, input: { id } }) =>
    done(api.post(`/actions/${id}/block`, { version: 1, reason: "A test." })),
  "actions.unwatch": ({ api, input: { id, personId } }) => done(api.post(`/actions/${id}/watch`, { personId })),
  "actions.update": async ({ input: { dueDay } }) => ({ [dueDay]: dayAfter(4) }),
  "actions.verify": ({ api, input: { id } }) => done(api.post(`/actions/${id}/complete`, { version: 1 })),
  "agents.resume": async ({ api, input: { id } }) => {
    await done(api.post(`/agents/${id}/suspend`, { version: 1, reason: "A test." }));
    // Who is suspended has changed once.
    return { '"version": 1': '"version": 2', "version: 1": "version: 2" };
  },
  "audit.checkpoint": sealed,
  "audit.consistency": sealed,
  "audit.cosign": async ({ api, place, input: { size, line } }) => {
    const witness = testWitness();
    await addWitness({ api, place }, witness);
    await sealedNow(place);
    const now = (await api.get("/audit/checkpoint")).body;
    return {
      [`"size": ${size}`]: `"size": ${now.size}`,
      [`size: ${size}`]: `size: ${now.size}`,
      [line]: witness.cosign(now.note),
    };
  },
  "audit.rotate": sealed,
  "briefings.acknowledge": (scene) => briefed(scene, "distributed", scene.caller.id),
  "briefings.approve": (scene) => briefed(scene, "pending_approval"),
  "briefings.distribute": (scene) => briefed(scene, "approved"),
  "briefings.pdf": async (scene) => {
    const otherwise = await briefed(scene, "approved");
    await setPrinted(scene.place, scene.input.id);
    return otherwise;
  },
  "briefings.return": (scene) => briefed(scene, "pending_approval"),
  "briefings.revise": (scene) => briefed(scene, "approved"),
  "briefings.withdraw": (scene) => briefed(scene, "distributed"),
  "dispatches.create": aboutBriefing,
  "dispatches.estimate": aboutBriefing,
  "dispatchRecipients.acknowledge": messaged,
  "dispatchRecipients.get": async (scene) => {
    const otherwise = await messaged(scene);
    await done(scene.admin.post(`/dispatch-recipients/${otherwise[scene.input.id]}/acknowledge`, {}));
    return otherwise;
  },
  "dispatchRecipients.message": messaged,
  "dispatchRecipients.rehearsal": async ({ api, caller, input: { id } }) => ({
    [id]: await setRecipient(api, { personIds: [caller.id] }, { drill: true }),
  }),
  "groups.removeMember": ({ api, input: { id, memberId } }) => done(api.post(`/groups/${id}/add-member`, { memberId })),
  "me.update": ({ api, caller, input: { version } }) => renamed(api, caller.id, version),
  "notifications.read": async (scene) => ({
    [scene.input.id]: await setNotification(scene, { person: scene.caller }),
  }),
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
  "webhooks.enable": async ({ api, input: { id } }) => {
    await done(api.post(`/webhooks/${id}/disable`, { version: 1 }));
    return { '"version": 1': '"version": 2', "version: 1": "version: 2" };
  },
};

async function sealed(scene: Scene): Promise<Otherwise> {
  await make("aud", scene);
  return {};
}

/** The item of the example lies on the checklist of its action. */
async function withItem({ api, input: { id, itemId } }: Scene): Promise<Otherwise> {
  return { [itemId]: (await api.post(`/actions/${id}/add-item`, { text: "A test." })).body.id };
}

/** A briefing that has come so far, for this person or for whom it is made for. */
async function briefed({ api, place, input: { id } }: Scene, state: string, reader?: string): Promise<Otherwise> {
  const approver = await place.person({ roles: ["approver"] });
  const approves = api.as(await approver.session({ proven: true }));
  const { body } = reader
    ? await api.post("/briefings", aBriefing({ audience: { personIds: [reader] } }))
    : { body: { id } };
  const steps = [
    ["submit", api, "pending_approval"],
    ["approve", approves, "approved"],
    ["distribute", api, "distributed"],
  ] as const;
  const last = steps.findIndex(([, , to]) => to === state);
  for (const [n, [event, client]] of steps.slice(0, last + 1).entries())
    await done(client.post(`/briefings/${body.id}/${event}`, { version: n + 1 }));
  return { [id]: body.id };
}

/** The briefing of which people are told was distributed. */
function aboutBriefing(scene: Scene): Promise<Otherwise> {
  return briefed({ ...scene, input: scene.input.subject }, "distributed");
}

/** Somebody who is told something is the caller. */
async function messaged({ api, caller, input: { id } }: Scene): Promise<Otherwise> {
  return { [id]: await setRecipient(api, { personIds: [caller.id] }) };
}

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
