import { idOf } from "@dais/contracts/kit/ids";
import { checkBundle } from "@dais/verify/bundle";
import { readKeys } from "@dais/verify/keys";
import { beforeAll, describe, expect, test } from "vitest";
import { type Company, company, type Output, ways } from "./support/day.ts";
import { story } from "./support/day-story.ts";
import { aSignal } from "./support/samples.ts";
import { sealedNow } from "./support/sealing.ts";
import { startServer } from "./support/server.ts";
import { setPosture } from "./support/things.ts";

const clock = { now: new Date() };
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer({ sources: { now: () => clock.now } });
});
/** On a clock in Dubai. */
const at = (day: string, time: string) => {
  clock.now = new Date(`${day}T${time}:00.000+04:00`);
};
const [monday, tuesday] = ["2026-03-02", "2026-03-03"];

describe.each(Object.entries(ways))("a day of the leadership, %s", (_, faceOf) => {
  test("from the morning's request to what the next morning finds undone, on record and proven", async () => {
    at(monday, "02:00");
    const day = await company(server, clock, faceOf);
    await setPosture(day.here, { level: "normal" });
    const signals = await reported(day);
    const draft = await drafted(day, signals);
    const approved = await decided(day, draft);
    await distributed(day, approved);
    await worked(day, draft.id);
    const approval = await paid(day);
    await raised(day, signals);
    await nextMorning(day);
    await onRecord(day, approval);
  }, 180_000);
});

/** At night three signals come in. The last one is secret: it isn't there for the agent. */
async function reported({ say, agentId, here }: Company): Promise<string[]> {
  const { version } = await say("setup", "organisations.current");
  const briefing = { hour: "06:30", draftingAgentId: agentId };
  await say("setup", "organisations.update", { id: idOf("org", here.tenantId), version, briefing });
  const now = clock.now.toISOString();
  const ids: string[] = [];
  for (const title of ["Rough sea", "Flash flood", "A break-in"]) {
    const classification = title === "A break-in" ? "secret" : "internal";
    const times = { occurredAt: now, reportedAt: now };
    ids.push((await say("feed", "signals.ingest", aSignal({ title, classification, ...times }))).signal.id);
  }
  return ids;
}

/** The day starts by itself; the agent hears it, drafts from what it may see, and submits. */
async function drafted({ say, step, minute, agentId, people }: Company, signals: readonly string[]): Promise<Output> {
  at(monday, "06:29");
  await step(minute);
  expect((await say("agent", "briefingRequests.list")).items).toEqual([]);
  at(monday, "06:30");
  await step(minute);
  const { items } = await say("agent", "events.list", { types: ["briefing_request.requested"] });
  const { from, to, day } = items.at(-1).data;
  expect(items.at(-1).data).toMatchObject({ day: monday, agentId, to: clock.now.toISOString() });

  const seen = (await say("agent", "signals.list", { since: from })).items as Output[];
  expect(seen.map(({ id }) => id).toSorted()).toEqual(signals.slice(0, 2).toSorted());
  const audience = { personIds: [people.executive.id, people.controller.id, people.officer.id] };
  const body = seen.map(({ title }) => `- ${title}`).join("\n");
  const draft = await say("agent", "briefings.create", {
    ...{ day, title: { en: "Morning briefing", ar: "إحاطة الصباح" }, audience },
    sections: [{ id: "warnings", heading: { en: "Warnings" }, body: { en: body } }],
    sources: seen.map(({ id }) => ({ signalId: id, confidence: 0.8 })),
  });
  expect(draft).toMatchObject({ state: "draft", classification: "internal", createdBy: agentId });
  const submit = () => say("agent", "briefings.submit", { id: draft.id, version: draft.version });
  const submitted = await step(submit, forApproval({ briefing: 1 }));
  await minute();
  expect((await say("agent", "briefingRequests.list")).items).toMatchObject([{ state: "answered", to }]);
  return submitted;
}
/** The same for each of those who approve. */
const forApproval = (counts: Record<string, number>) => ({ executive: counts, chief: counts, security: counts });

/** The chief of staff returns it, the agent edits, and another person approves exactly that, with a second factor. */
async function decided({ say, refused, step, people }: Company, { id, version }: Output): Promise<Output> {
  at(monday, "06:50");
  const comment = { sectionId: "warnings", body: "Which of our sites?" };
  const returning = { id, version, reason: "Say which sites.", comments: [comment] };
  const returned = await step(() => say("chief", "briefings.return", returning));
  const [said] = (await say("agent", "briefings.comments", { id })).items;
  expect(said).toMatchObject({ ...comment, edition: 1, author: people.chief.id });

  const sections = [{ ...returned.sections[0], body: { en: `${returned.sections[0].body.en}\n\nBoth at hall 2.` } }];
  const edited = await say("agent", "briefings.update", { id, version: returned.version, sections });
  const again = { id, version: edited.version };
  const submitted = await step(() => say("agent", "briefings.submit", again), forApproval({ briefing: 1 }));

  at(monday, "07:00");
  const its = { id, version: submitted.version };
  expect(await refused("agent", "briefings.approve", its)).toBe("agent_denied");
  expect(await refused("officer", "briefings.approve", its)).toBe("forbidden");
  expect(await refused("executive", "briefings.approve", its, { proven: false })).toBe("step_up_required");
  expect(await refused("executive", "briefings.approve", { id, version })).toBe("briefing_changed");
  const may = { chief: { briefing: 1 }, security: { briefing: 1 }, officer: { briefing: 1 } };
  const approved = await step(() => say("executive", "briefings.approve", its), may);
  expect(approved).toMatchObject({ state: "approved", edition: 2, contentSha256: submitted.contentSha256 });
  return approved;
}

/** It goes to its audience, who say that they have read it. */
async function distributed({ say, refused, step }: Company, { id, version, contentSha256 }: Output): Promise<void> {
  expect((await say("controller", "briefings.today")).briefing).toMatchObject({ state: "approved" });
  const done = await step(() => say("chief", "briefings.distribute", { id, version }));
  expect(done).toMatchObject({ recipients: 3, contentSha256 });
  at(monday, "07:30");
  for (const who of ["executive", "controller"] as const) {
    expect((await say(who, "briefings.today")).briefing).toMatchObject({ id, title: { en: "Morning briefing" } });
    await say(who, "briefings.acknowledge", { id });
  }
  expect(await refused("security", "briefings.acknowledge", { id })).toBe("briefing_not_recipient");
  const { items } = await say("chief", "briefings.recipients", { id });
  const read = (items as Output[]).map(({ name, readAt }) => [name.en, readAt !== null]);
  expect(read).toEqual([
    ["Layla", false],
    ["Mariam", true],
    ["Omar", true],
  ]);
}

/** What was decided becomes actions. One is done on a phone, over a bad line, and seen by another person; the other stays undone. */
async function worked({ say, refused, step, people }: Company, briefing: string): Promise<void> {
  at(monday, "08:00");
  const source = { type: "briefing", id: briefing };
  const common = { classification: "internal", dueDay: monday, source };
  const make = async (title: string, ownerId: string) => say("chief", "actions.create", { title, ownerId, ...common });
  const drains = await step(() => make("Clear the drains", people.officer.id));
  await step(() => make("Test the reserve of cooling", people.security.id));
  expect((await say("executive", "actions.list", { sourceId: briefing })).items).toHaveLength(2);
  const { id } = drains;
  const started = await say("officer", "actions.start", { id, version: 1 });
  await say("chief", "actions.update", { id, version: started.version, priority: "high" });

  // Written upon what the phone saw, and sent again, as no answer came.
  const late = { id, version: started.version, details: "The north drain is blocked." };
  const [once, again] = [
    await say("officer", "actions.update", late, { idempotencyKey: `late-${id}` }),
    await say("officer", "actions.update", late, { idempotencyKey: `late-${id}` }),
  ];
  expect(once).toMatchObject({ merged: true, priority: "high", details: late.details });
  expect(again).toEqual(once);
  const clash = { id, version: started.version, priority: "low" };
  expect(await refused("officer", "actions.update", clash)).toBe("action_changed");

  at(monday, "11:00");
  const complete = () => say("officer", "actions.complete", { id, version: once.version });
  const done = await step(complete, forApproval({ action: 1 }));
  expect(await refused("officer", "actions.verify", { id, version: done.version })).toBe("action_own_work");
  await step(() => say("security", "actions.verify", { id, version: done.version }));
}

/** Money, by two people, one after the other. */
async function paid({ say, refused, step, people }: Company): Promise<string> {
  at(monday, "12:00");
  const wanted = {
    ...{ title: "Pay for the pumps", classification: "internal", inOrder: true },
    ...{ amount: { amount: "48000.00", currency: "AED" }, subject: { type: "payment", id: "INV-7" } },
    approvers: [people.chief.id, people.executive.id],
  };
  const asked = await step(() => say("officer", "approvals.request", wanted), { chief: { approval: 1 } });
  const { id } = asked;
  expect(await refused("executive", "approvals.approve", { id, version: 1 })).toBe("approval_not_yours");
  const first = () => say("chief", "approvals.approve", { id, version: 1 });
  const half = await step(first, { executive: { approval: 1 } });
  expect(half.state).toBe("pending");
  const granted = await step(() => say("executive", "approvals.approve", { id, version: half.version }));
  expect(granted).toMatchObject({ state: "granted", outcome: { amount: wanted.amount } });
  return id;
}

/** The agent proposes another posture, and to say that somebody looks at a signal; people decide. */
async function raised({ say, refused, step }: Company, signals: readonly string[]): Promise<void> {
  at(monday, "15:00");
  const because = { level: "high", reason: "Water in the yard of hall 2.", signalIds: signals.slice(0, 2) };
  const change = await step(() => say("agent", "posture.propose", because), forApproval({ posture: 1 }));
  const { id, version } = change;
  expect(await refused("agent", "posture.confirm", { id, version, reason: because.reason })).toBe("agent_denied");
  await step(() => say("executive", "posture.confirm", { id, version, reason: because.reason }));
  expect((await say("officer", "posture.current")).level).toBe("high");

  const look = { id: signals[0], version: 1 };
  const proposal = await step(() => say("agent", "signals.acknowledge", look), forApproval({ proposal: 1 }));
  expect(proposal).toMatchObject({ operation: "signals.acknowledge", state: "open" });
  const approve = { id: proposal.id, version: proposal.version };
  await step(() => say("chief", "proposals.approve", approve));
  expect((await say("officer", "signals.get", { id: signals[0] })).state).toBe("acknowledged");
}

/** What was due is overdue when its day is over; and the next day starts by itself, too. */
async function nextMorning({ say, step, minute }: Company): Promise<void> {
  at(monday, "23:59");
  await step(minute);
  const midnight = async () => {
    at(tuesday, "00:00");
    await minute();
  };
  const late = { security: { "action, overdue": 1 } };
  await step(midnight, late);
  const [item] = (await say("security", "inbox.list")).items;
  expect(item).toMatchObject({ title: { en: "Test the reserve of cooling" }, state: "open", via: "you" });
  at(tuesday, "06:30");
  await step(minute, late);
  const [request] = (await say("agent", "briefingRequests.list")).items;
  const from = new Date(`${monday}T06:30:00.000+04:00`).toISOString();
  expect(request).toMatchObject({ day: tuesday, state: "requested", from });
}

/** The auditor reads who has done what, and why; and takes home a proof that needs nobody's word. */
async function onRecord({ say, here, names, people }: Company, approval: string): Promise<void> {
  const entries: Output[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await say("auditor", "audit.search", { outcome: "done", limit: 100, ...(cursor && { cursor }) });
    entries.unshift(...page.items.toReversed());
    cursor = page.nextCursor;
  }
  const told = entries
    .filter(({ changed }) => changed)
    .map((one) =>
      [
        ...[names.get(one.actorId) ?? one.actorKind, one.action, one.toState].filter(Boolean),
        ...[one.reason].filter(Boolean),
      ].join(" | "),
    );
  expect(told).toEqual(story);

  await sealedNow(here, { now: clock.now });
  const { items } = await say("auditor", "audit.search", { resourceId: approval, event: "approve", outcome: "done" });
  const bundle = await say("auditor", "audit.proof", { id: items[0].id });
  const keys = (await say("auditor", "audit.keys")).items;
  const proven = checkBundle(Buffer.from(JSON.stringify(bundle)), readKeys([keys.at(-1).vkey]));
  expect(proven.facts).toMatchObject({ event: "approve", toState: "granted", actorId: people.executive.id });
}
