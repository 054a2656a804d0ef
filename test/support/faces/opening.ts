import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { setPrinted } from "../briefings.ts";
import { setOptOut } from "../dispatches.ts";
import { asOwner } from "../owner.ts";
import { aSignal } from "../samples.ts";
import { actors, agentActor } from "./actors.ts";
import type { Call } from "./generate.ts";
import type { Seat } from "./seat.ts";

/** Two groups of three signals, which are near each other, some other signals, two feeds, and two groups of people to begin with. */
export const opening: Call[] = [
  ...keys(),
  {
    operation: "signals.ingestBatch",
    input: {
      items: [
        ...[10, 10, 10, 20, 20, 20].map((lat, n) =>
          aSignal({ title: `Flood watch ${n}`, place: { points: [{ lat, lon: 55 }] } }),
        ),
        ...["public", "internal", "internal", "secret", "internal"].map((classification) =>
          aSignal({ classification }),
        ),
      ],
    },
  },
  { operation: "signalGroups.list", input: {} },
  ...signalWork(),
  ...actionWork(),
  ...feeds(),
  ...["Floods", "Fires", "Roads"].map((name) => ({
    operation: "signalViews.create",
    input: { name, filters: { text: name } },
  })),
  ...["Crisis team", "Executive committee"].map((en) => ({
    operation: "groups.create",
    input: { name: { en }, ownerId: { $ref: "per", n: 0 } },
  })),
  ...credentials(),
  ...proposals(),
  ...briefings(),
  ...decisions(),
  ...hooks(),
  ...messages(),
  {
    operation: "delegations.create",
    input: {
      ...{ fromId: { $ref: "per", n: 1 }, toId: { $ref: "per", n: 2 }, moves: ["signal.acknowledge"] },
      ...{ startsAt: "2031-01-12T04:00:00.000Z", until: "2031-01-19T04:00:00.000Z", reason: "A test." },
    },
  },
  ...[3, 7, 8].map((n) => ({
    operation: "signals.acknowledge",
    input: { id: { $ref: "sig", n }, version: { $version: true } },
    actor: agentActor,
  })),
].map((call) => ({ actor: 0, ...call, key: null, ifMatch: false }));

/** What the worker makes of it: papers of the briefings that were approved, and what the last of the people finds in the app. */
export async function printed({ place, ids }: Seat): Promise<void> {
  await Promise.all([0, 2].map((n) => setPrinted(place, ids.get("brf")?.[n] as string)));
  const [id, uuid] = [crypto.randomUUID(), (kind: string, n: number) => uuidOf(ids.get(kind)?.[n] as string)];
  await asOwner()`insert into notifications (id, tenant_id, person_id, recipient_id, title, body, language, classification, created_at)
    values (${id}, ${place.tenantId}, ${uuid("per", 4)}, ${uuid("dre", 1)}, 'A test', 'A test.', 'en', 'public', ${new Date(Date.UTC(2026, 0, 6))})`;
  ids.set("ntf", [idOf("ntf", id)]);
  const outs = [
    { at: new Date(Date.UTC(2026, 0, 5)), address: "layla@rimal.example" },
    { at: new Date(Date.UTC(2026, 0, 6)), address: "omar@rimal.example", source: "vendor" },
  ];
  ids.set("opt", await Promise.all(outs.map((out) => setOptOut(place, out))));
}

/** Changes of posture that somebody may decide about: of the organisation, and of each entity. */
function proposals() {
  const said = { level: "critical", reason: "Water in the yard of the site." };
  return [{}, { entityId: { $ref: "ent", n: 0 } }, { entityId: { $ref: "ent", n: 1 } }, {}].map((more) => ({
    operation: "posture.propose",
    input: { ...said, ...more },
  }));
}

/** What people decide about: requests for approval, and for erasing what an entry says. */
function decisions() {
  const said = { title: "Cooling units for hall 4", classification: "internal", approvers: ["approval.approve"] };
  return [
    ...[0, 1, 2, 3].map(() => ({ operation: "approvals.request", input: said })),
    ...[0, 1, 2, 0].map((n) => ({
      operation: "erasures.request",
      input: { entryIds: [{ $ref: "aud", n }], reason: "A test of the law." },
    })),
  ];
}

/** Webhooks, one of them switched off, and something on its way to another. */
function hooks() {
  const said = { url: "https://hooks.example.org/dais", classification: "internal" };
  return [
    ...["Duty desk", "Archive", "Gate"].map((name) => ({ operation: "webhooks.create", input: { ...said, name } })),
    { operation: "webhooks.disable", input: { id: { $ref: "whk", n: 2 }, version: 1 } },
    ...[0, 1, 0].map((n) => ({ operation: "webhooks.test", input: { id: { $ref: "whk", n } } })),
  ];
}

/** Templates of messages, and dispatches made of the first, one of them stopped. */
function messages() {
  const text = { subject: "{{day}}", body: "Good morning {{name}}: {{day}}", short: "{{day}}" };
  const template = { name: { en: "Day" }, category: "briefing", languages: { en: text } };
  const said = {
    ...{ templateId: { $ref: "mtp", n: 0 }, values: { en: { day: "Tuesday" } }, classification: "public" },
    ...{ audience: { personIds: [3, 4].map((n) => ({ $ref: "per", n })) }, drill: true },
    policy: { steps: [{ channel: "sms", until: "delivered", waitMinutes: 5 }] },
  };
  return [
    ...["one", "two", "three"].map((key) => ({
      operation: "messageTemplates.create",
      input: { ...template, key, variables: [{ name: "day", about: "Which day." }] },
    })),
    // Of a rehearsal there is no message to read.
    ...[false, true, true].map((drill) => ({ operation: "dispatches.create", input: { ...said, drill } })),
    { operation: "dispatches.stop", input: { id: { $ref: "dsp", n: 1 } } },
    ...[0, 2].map((n) => ({ operation: "dispatchRecipients.list", input: { dispatchId: { $ref: "dsp", n } } })),
  ];
}

/** Briefings: one that was approved, one that was distributed to those who come in person, some drafts, one of them edited, and some that were submitted. */
function briefings() {
  const sections = [{ id: "a", heading: { en: "Weather" }, body: { en: "Rough sea." } }];
  const audience = { personIds: [3, 4].map((n) => ({ $ref: "per", n })) };
  const steps = ["submit", "approve", "distribute"] as const;
  const edited = { id: { $ref: "brf", n: 1 }, version: 1, sections: [{ ...sections[0], body: { en: "Calm sea." } }] };
  const made = [2, 0, 3, 1, 0, 1, 0].flatMap((done, n) => [
    {
      operation: "briefings.create",
      // Of days of their own: what is listed by days has one order then.
      input: { day: `2026-01-${16 - n}`, title: { en: "Briefing" }, sections, audience },
    },
    ...steps.slice(0, done).map((step, at) => ({
      operation: `briefings.${step}`,
      input: { id: { $ref: "brf", n }, version: at + 1 },
      ...(step === "approve" && { actor: actors - 1 }),
    })),
  ]);
  return [...made, { operation: "briefings.update", input: edited }];
}

/** Keys that none of the actors calls with, before anything tells of those that they do: whoever revokes one shuts nobody out. */
function keys() {
  const input = { name: "Sync", clearance: "internal", permissions: ["signal.read"] };
  return [0, 1, 2].map(() => ({ operation: "apiKeys.create", input, actor: actors - 1 }));
}

/** Agents, one of them suspended, and an application of the seat's directory, let in by who has just proven a second factor. */
function credentials() {
  const its = { clearance: "internal", permissions: ["signal.read"], model: "watch-1", modelVersion: "1" };
  const agent = { name: "Night watch", purpose: "A test.", ownerId: { $ref: "per", n: 0 }, ...its };
  const program = { name: "Importer", directory: { $directory: true }, clientId: "importer", clearance: "internal" };
  const stop = { id: { $ref: "agt", n: 1 }, version: 1, reason: "It is looked at." };
  return [
    { operation: "agents.register", input: agent, actor: actors - 1 },
    { operation: "agents.register", input: agent, actor: actors - 1 },
    { operation: "agents.suspend", input: stop, actor: actors - 1 },
    { operation: "programs.create", input: program, actor: actors - 1 },
  ];
}

/** A signal that was dismissed, some that were acknowledged, one that somebody should look at, and a note and a link beside one. */
function signalWork() {
  const at = (n: number) => ({ id: { $ref: "sig", n }, version: { $version: true } });
  const [dismissed, acknowledged, doubted, worked] = [at(2), at(4), { $ref: "sig", n: 1 }, { $ref: "sig", n: 0 }];
  const said = { label: "flood", severity: "minor", confidence: 0.1, rationale: "A guess." };
  return [
    { operation: "signals.acknowledge", input: dismissed },
    ...[acknowledged, at(5), at(6)].map((input) => ({ operation: "signals.acknowledge", input })),
    { operation: "signals.dismiss", input: { ...dismissed, reason: "A test of the sirens." } },
    { operation: "signals.assess", input: { id: doubted, ...said } },
    { operation: "signals.addNote", input: { id: worked, body: "Called the data centre." } },
    { operation: "signals.addLink", input: { id: worked, target: "https://dais.example/page" } },
  ];
}

/** Actions of which one is open, with something beside it, one done, one blocked and one cancelled; and two more. */
function actionWork() {
  const said = { title: "Call the supplier", classification: "public", ownerId: { $ref: "per", n: 1 } };
  const id = { $ref: "act", n: 0 };
  const at = (n: number) => ({ id: { $ref: "act", n }, version: 1 });
  return [
    ...[0, 1, 2, 3, 4, 5].map(() => ({ operation: "actions.create", input: said })),
    { operation: "actions.addItem", input: { id, text: "Find the number" } },
    { operation: "actions.addEvidence", input: { id, url: "https://dais.example/order" } },
    { operation: "actions.watch", input: { id, personId: { $ref: "per", n: 0 } } },
    { operation: "actions.complete", input: at(1) },
    { operation: "actions.block", input: { ...at(2), reason: "The supplier is closed." } },
    { operation: "actions.cancel", input: { ...at(3), reason: "A test." } },
  ];
}

/** Two feeds, one of which is switched off. */
function feeds() {
  const said = { name: "Weather", url: "https://alerts.example/", everyMinutes: 5, classification: "internal" };
  return [
    { operation: "signalFeeds.create", input: { ...said, source: "weather" } },
    { operation: "signalFeeds.create", input: { ...said, source: "rivers", enabled: false } },
  ];
}
