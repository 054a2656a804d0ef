import fc from "fast-check";
import type { Input } from "./generate.ts";

/** One of these things, by their numbers. */
const one = (kind: string, ...numbers: number[]): fc.Arbitrary<Input> =>
  fc.constantFrom(...numbers.map((n) => ({ id: { $ref: kind, n } })));
/** The same, as it is by now. */
const now = (kind: string, ...numbers: number[]): fc.Arbitrary<Input> =>
  one(kind, ...numbers).map((input) => ({ ...input, version: { $version: true } }));
const andAlso = (of: fc.Arbitrary<Input>, fields: Input): fc.Arbitrary<Input> =>
  of.map((input) => ({ ...input, ...fields }));
const entry = (n: number) => ({ $ref: "aud", n });
const never = { from: undefined, to: undefined };

/** A dispatch of the opening's first template, to people whom nothing keeps from it. */
const message = {
  ...{ templateId: { $ref: "mtp", n: 0 }, values: { en: { day: "Tuesday" } }, classification: "public" },
  ...{ audience: { personIds: [{ $ref: "per", n: 3 }] }, entityId: undefined, subject: undefined },
  ...{ attachesPaper: undefined, policy: { steps: [{ channel: "sms", until: "delivered", waitMinutes: 10 }] } },
};

/**
 * What goes well with an operation, where one field alone can't tell: the things that the opening leaves in a state that takes it, and
 * fields of which one excludes another. What is undefined is left out.
 */
export const fitting: Readonly<Record<string, fc.Arbitrary<Input>>> = {
  "actions.tick": andAlso(one("act", 0), { itemId: { $ref: "chk", n: 0 } }),
  "actions.addItem": one("act", 0, 4, 5),
  "actions.unblock": now("act", 2),
  "actions.verify": now("act", 1),
  "actions.reopen": now("act", 1, 3),
  "actions.complete": now("act", 0, 4, 5),
  "actions.update": andAlso(now("act", 0, 4, 5), { deputyIds: undefined, entityId: undefined, dueDay: undefined }),
  "agents.resume": now("agt", 1),
  "approvals.request": fc.constant({
    ...{ approvers: ["approval.approve"], needed: 1, options: undefined },
    ...{ deadlineAt: undefined, escalateTo: undefined, amount: undefined, subject: undefined },
  }),
  "approvals.approve": andAlso(now("apr", 0, 1, 2, 3), { option: undefined }),
  "approvals.refuse": now("apr", 0, 1, 2, 3),
  "briefings.update": one("brf", 1, 4, 6),
  "briefings.submit": now("brf", 1, 4, 6),
  "briefings.approve": now("brf", 3, 5),
  "briefings.return": now("brf", 3, 5),
  "briefings.revise": now("brf", 0, 3, 5),
  "briefings.distribute": now("brf", 0),
  "briefings.acknowledge": one("brf", 2),
  "briefings.diff": fc.constantFrom([1, 2], [2, 1]).map(([from, to]) => ({ id: { $ref: "brf", n: 1 }, from, to })),
  "briefings.pdf": one("brf", 0, 2),
  "contacts.optIn": one("opt", 0, 1),
  "contacts.update": fc.constant({ version: { $version: true }, channels: { alert: ["sms"] }, quietHours: undefined }),
  "delegations.create": fc.constant({
    ...{ fromId: { $ref: "per", n: 1 }, toId: { $ref: "per", n: 2 }, moves: ["signal.acknowledge"] },
    ...{ startsAt: undefined, until: "2026-02-01T04:00:00.000Z", entityId: undefined },
  }),
  "dispatches.create": fc.constant(message),
  "dispatches.estimate": fc.constant(message),
  "dispatches.raiseCap": fc.constantFrom({ cap: 5000, day: undefined }, { cap: 5000, day: null }),
  "dispatches.stop": one("dsp", 0, 2),
  "dispatchRecipients.acknowledge": one("dre", 0, 1),
  "dispatchRecipients.message": one("dre", 0, 1),
  "dispatchRecipients.rehearsal": one("dre", 0, 2),
  "erasures.request": fc.constantFrom<Input>(
    { entryIds: [entry(0)], personId: undefined, ...never },
    { entryIds: [entry(1), entry(2)], personId: undefined, ...never },
    { entryIds: undefined, personId: { $ref: "per", n: 4 } },
  ),
  "integrations.open": fc.constant({ keyId: { $ref: "key", n: 0 } }),
  "messageTemplates.update": now("mtp", 0, 1),
  "messageTemplates.retire": now("mtp", 2),
  "notifications.read": one("ntf", 0),
  "organisations.update": andAlso(now("org", 0), { signals: { reviewBelow: 0.5 }, briefing: undefined }),
  "people.setDeputies": andAlso(now("per", 0, 2), {
    deputies: [{ personId: { $ref: "per", n: 1 }, fromDay: "2026-02-02", toDay: "2026-02-04" }],
  }),
  "programs.create": fc.constantFrom("one", "two", "three").map((clientId) => ({
    ...{ directory: { $directory: true }, clientId, kind: undefined, agentId: undefined, clearance: "internal" },
  })),
  "programs.update": now("prg", 0),
  "signalGroups.split": fc
    .tuple(fc.nat(1), fc.constantFrom(0, 3))
    .map(([n, sig]) => ({ id: { $ref: "sgr", n }, version: { $version: true }, signalIds: [{ $ref: "sig", n: sig }] })),
  "signalGroups.merge": andAlso(now("sgr", 0), { otherId: { $ref: "sgr", n: 1 } }),
  "signals.acknowledge": now("sig", 0, 1, 3, 7),
  "signals.dismiss": now("sig", 4, 5, 6),
  "signals.escalate": now("sig", 4, 5, 6),
  "signals.reopen": now("sig", 2),
  "signals.reclassify": fc.constant({ filters: { state: ["new"] } }),
  "webhooks.enable": now("whk", 2),
  "workflows.get": fc.constantFrom({ name: "agent" }, { name: "signal" }),
};
