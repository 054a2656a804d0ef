import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { aBriefing } from "./briefings.ts";
import { aPolicy } from "./dispatches.ts";
import { reported } from "./proposals.ts";
import { type Home, make } from "./things.ts";

type Input = Record<string, unknown>;
/** Makes what a command is about, and answers with an input that it takes. */
type Scene = (home: Home) => Promise<Input>;

const reason = "A test of the sirens.";

async function at({ api }: Home, ...verbs: string[]): Promise<{ id: string; version: number }> {
  const { id } = await reported(api);
  for (const [n, verb] of verbs.entries()) {
    const done = await api.post(`/signals/${id}/${verb}`, { version: n + 1, ...(verb === "dismiss" && { reason }) });
    if (done.status !== 200) throw new Error(`${verb}: ${JSON.stringify(done.body)}`);
  }
  return { id, version: verbs.length + 1 };
}

async function group(home: Home): Promise<{ id: string; version: number }> {
  const id = await make("sgr", home);
  return { id, version: (await home.api.get(`/signal-groups/${id}`)).body.version };
}

/** An action that has come so far. */
async function action({ api, place }: Home, ...verbs: string[]): Promise<{ id: string; version: number }> {
  const { id: ownerId } = await place.person({ roles: ["operational"] });
  const made = await api.post("/actions", { title: "Call the supplier", classification: "internal", ownerId });
  const { id } = made.body;
  for (const [n, verb] of verbs.entries()) {
    const done = await api.post(`/actions/${id}/${verb}`, { version: n + 1, ...(verb === "block" && { reason }) });
    if (done.status !== 200) throw new Error(`${verb}: ${JSON.stringify(done.body)}`);
  }
  return { id, version: verbs.length + 1 };
}
/** One of which something is asked that needs no version. */
const about = async (home: Home) => ({ id: (await action(home)).id });

async function item(home: Home): Promise<{ id: string; itemId: string }> {
  const { id } = await about(home);
  return { id, itemId: (await home.api.post(`/actions/${id}/add-item`, { text: "Ask for the price" })).body.id };
}

async function approvedBriefing({ api, place }: Home): Promise<{ id: string; version: number }> {
  const { id: reader } = await place.person({ roles: [] });
  const { id } = (await api.post("/briefings", aBriefing({ audience: { personIds: [reader] } }))).body;
  await api.post(`/briefings/${id}/submit`, { version: 1 });
  const approver = await (await place.person({ roles: ["executive", "approver"] })).session({ proven: true });
  const done = await api.as(approver).post(`/briefings/${id}/approve`, { version: 2 });
  if (done.status !== 200) throw new Error(JSON.stringify(done.body));
  return { id, version: 3 };
}
const page = "https://supplier.example.org/orders/1";

/** Of each command that an agent may only propose: what it can be proposed for. A new one needs its line here. */
export const scenes: Record<string, Scene> = {
  "actions.create": async ({ place }) => ({
    title: "Call the supplier",
    classification: "internal",
    ownerId: (await place.person({ roles: ["operational"] })).id,
  }),
  "actions.update": async (home) => ({ ...(await action(home)), title: "Call another supplier" }),
  "actions.start": (home) => action(home),
  "actions.block": async (home) => ({ ...(await action(home)), reason }),
  "actions.unblock": (home) => action(home, "block"),
  "actions.complete": (home) => action(home, "start"),
  "actions.reopen": async (home) => ({ ...(await action(home, "complete")), reason }),
  "actions.cancel": async (home) => ({ ...(await action(home)), reason }),
  "actions.addItem": async (home) => ({ ...(await about(home)), text: "Ask for the price" }),
  "actions.tick": item,
  "actions.removeItem": item,
  "actions.addEvidence": async (home) => ({ ...(await about(home)), url: page }),
  "actions.removeEvidence": async (home) => {
    const { id } = await about(home);
    return { id, linkId: (await home.api.post(`/actions/${id}/add-evidence`, { url: page })).body.evidence.id };
  },
  "actions.watch": async (home) => ({ ...(await about(home)), personId: (await home.place.person()).id }),
  "actions.unwatch": async (home) => {
    const said = { ...(await about(home)), personId: (await home.place.person()).id };
    await home.api.post(`/actions/${said.id}/watch`, { personId: said.personId });
    return said;
  },
  "briefings.distribute": approvedBriefing,
  "dispatches.create": async (home) => ({
    ...{ templateId: await make("mtp", home), values: { en: { day: "today" } }, classification: "public" },
    ...{ audience: { personIds: [(await home.place.person()).id] }, policy: aPolicy("sms") },
  }),
  "signals.acknowledge": (home) => at(home),
  "signals.snooze": async (home) => ({ ...(await at(home)), until: new Date(Date.now() + 86_400_000).toISOString() }),
  "signals.dismiss": async (home) => ({ ...(await at(home, "acknowledge")), reason }),
  "signals.escalate": async (home) => ({ ...(await at(home, "acknowledge")), reason }),
  "signals.reopen": async (home) => ({ ...(await at(home, "acknowledge", "dismiss")), reason }),
  "signals.assign": async (home) => ({ ...(await at(home)), personId: (await home.place.person()).id }),
  "signals.reclassify": async (home) => {
    const { source } = await reported(home.api);
    const said = { label: "flood", severity: "minor", confidence: 0.9, rationale: "A test." };
    return { filters: { source }, ...said };
  },
  "signalGroups.update": async (home) => ({ ...(await group(home)), name: "The flood" }),
  "signalGroups.merge": async (home) => ({ ...(await group(home)), otherId: (await group(home)).id }),
  "signalGroups.split": async (home) => {
    const { id, version } = await group(home);
    const { items } = (await home.api.get(`/signal-groups/${id}/signals`)).body;
    return { id, version, signalIds: [items[0].id] };
  },
};

/** Every command that an agent may only propose. */
export const proposable: readonly (readonly [string, Operation])[] = [...operations].filter(
  ([, { meta }]) => meta.agent === "propose",
);

export function sceneOf(path: string): Scene {
  const scene = scenes[path];
  if (!scene) throw new Error(`What is ${path} proposed for? Add a scene to test/support/proposal-scenes.ts.`);
  return scene;
}
