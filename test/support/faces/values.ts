import { usualLevels } from "@dais/contracts/posture";
import { digest } from "@dais/kernel/canonical";
import fc from "fast-check";
import { alertsXml, anAlert } from "../cap/door.ts";
import { vkeys } from "./log.ts";

/** The levels of posture as they are where nobody set any. */
const usual = usualLevels.map(({ key, name, criteria }) => ({ key, name, criteria }));
/** Past the place of every entry of the log: what lies between depends on what else the database has been doing. */
const everything = "9000000000000000000";

/**
 * Fields whose right value only the course of the calls tells: the newest cursor that the face was given, the version it saw last. And
 * those whose form says too little: roles that there are, numbers that somebody could have, days that lie one after the other.
 */
export const stateful: Record<string, fc.Arbitrary<unknown>> = {
  cursor: fc.constantFrom<unknown>({ $cursor: true }, { $cursor: true }, { $cursor: true }, "forged"),
  lastEventId: fc.constantFrom<unknown>({ $place: true }, { $place: true }, { $place: true }, "forged"),
  version: fc.constantFrom<unknown>({ $version: true }, { $version: true }, { $version: true }, 1, 2),
  classification: mostly("internal", "cosmic"),
  clearance: mostly("internal", "cosmic"),
  readsFrom: mostly("secret", "cosmic"),
  through: fc.constantFrom<unknown>("1", everything, everything),
  types: mostly(["signal.ingested", "posture.confirmed"], ["no.such"]),
  timeZone: mostly("Asia/Dubai", "Mars/Olympus"),
  role: fc.constantFrom<unknown>("executive", "auditor", "admin", "no_such_role"),
  approvers: fc.constantFrom<unknown>(["approval.approve"], ["approval.approve", "posture.confirm"], ["no.such"]),
  needed: fc.constantFrom<unknown>(1, 1, 2),
  options: fc.constantFrom<unknown>([], [], [], [{ key: "oryx", label: { en: "Oryx" } }]),
  option: fc.constantFrom<unknown>(null, null, "oryx"),
  deadlineAt: fc.constantFrom<unknown>(null, null, "2026-03-01T04:00:00.000Z"),
  escalateTo: fc.constantFrom<unknown>(null, null, "approval.approve"),
  url: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<unknown>("https://alerts.example/feed.xml", "https://other.example/") },
    { weight: 1, arbitrary: fc.constant<unknown>("http://alerts.example/") },
  ),
  phone: fc.constantFrom<unknown>("+971501234567", "+971501230000", "+97150123456", null),
  place: fc.constantFrom<unknown>(null, near(0), near(3), near(20), near(1000), square(true), square(false)),
  box: fc.constantFrom<unknown>("20,20,60,30", "170,-50,-170,50", "-180,-90,180,90", "10,20,10,10"),
  near: fc.constantFrom<unknown>("25,55,1000", "0,180,20000", "91,0,1"),
  geocode: fc.constantFrom<unknown>("UGC=TXC453", "no such value"),
  assigneeId: fc.constantFrom<unknown>("me", { $ref: "per", n: 0 }),
  directory: fc.constantFrom<unknown>({ $directory: true }, { $directory: true }, "another directory"),
  level: fc.constantFrom<unknown>("high", "critical", "elevated", "no-such-level"),
  levels: fc.constantFrom<unknown>(usual, usual, usual.slice(0, 3), [usual[0], usual[0]]),
  digest: fc.constantFrom<unknown>(digest(usualLevels), digest(usualLevels), "0".repeat(64)),
  permissions: mostly(["signal.read"], ["signal.read", "no.such"]),
  ipRanges: fc.constantFrom<unknown>(null, ["10.0.0.0/8", "2001:db8::/32"], ["no network"]),
  fromDay: fc.constantFrom<unknown>("2026-02-02", "2026-02-05"),
  day: fc.constantFrom<unknown>("2026-01-06", "2026-01-07", "2026-01-05"),
  values: mostly({ en: { day: "6 January" } }, { en: { hour: "nine" } }),
  variables: mostly([{ name: "day", about: "Which day." }], [{ name: "name", about: "The server's own." }]),
  languages: mostly({ en: message("{{day}}"), ar: message("{{name}}") }, { en: message("{{nothing}}") }),
  policy: mostly({ steps: [rung("whatsapp"), rung("sms")] }, { steps: [rung("sms"), rung("sms")] }),
  subject: fc.constantFrom<unknown>(null, null, { type: "briefing", id: { $ref: "brf", n: 0 } }),
  communications: mostly({ dailyMessages: 1900, ceilings: { sms: "internal" } }, { ceilings: { sms: "cosmic" } }),
  sections: mostly([section("a"), section("b")], [section("a"), section("a")]),
  sources: mostly([{ signalId: { $ref: "sig", n: 1 } }], [{ signalId: { $ref: "sig", n: 99 } }]),
  audience: mostly(
    { personIds: [{ $ref: "per", n: 3 }], roles: ["admin"], groupIds: [{ $ref: "grp", n: 0 }] },
    { entityIds: [{ $ref: "ent", n: 99 }] },
  ),
  // Of other sizes there are checkpoints by chance.
  size: fc.constantFrom<unknown>(3, 3, 1_000_000),
  machine: fc.constantFrom<unknown>("agent", "agent", "wish"),
  state: fc.constantFrom<unknown>("suspended", "suspended", "active"),
  dueDay: fc.constantFrom<unknown>("2026-02-02", "2026-02-05", null, "2020-01-01"),
  dueBefore: fc.constantFrom<unknown>("2026-02-05", "2026-03-01"),
  watcherId: fc.constantFrom<unknown>("me", { $ref: "per", n: 0 }),
  sourceId: fc.constantFrom<unknown>({ $ref: "sig", n: 0 }, { $ref: "pos", n: 0 }, { $ref: "brf", n: 0 }),
  moves: fc.constantFrom<unknown>(["signal.acknowledge"], ["signal.dismiss", "signal.acknowledge"], ["signal.eat"]),
  until: fc.constantFrom<unknown>("2026-02-01T04:00:00.000Z", "2026-02-02T04:00:00.000Z", "2020-01-01T04:00:00.000Z"),
  startsAt: fc.constantFrom<unknown>(null, "2026-01-20T04:00:00.000Z"),
  toDay: fc.constantFrom<unknown>("2026-02-04", "2026-02-09"),
  vkey: fc.constantFrom<unknown>(...vkeys),
  line: fc.constantFrom<unknown>({ $line: true }, { $line: true }, "no line"),
  xml: fc.constantFrom<unknown>(...alerts(), "<alert/>", "no XML at all", ""),
};

/** Two alerts, an update, a cancellation and an acknowledgement of the first, a test, and all of them with one that can't be taken. */
function alerts(): string[] {
  const first = { identifier: "a-1", sent: "2026-01-06T04:00:00-00:00", info: { headline: "Flood Watch" } };
  const second = { ...first, identifier: "b-1", area: "<circle>0,0 1</circle>" };
  const after = (msgType: string, minute: number) => ({
    ...{ ...first, identifier: `a-${msgType}`, sent: `2026-01-06T04:${minute}:00-00:00` },
    ...{ references: [first], alert: { msgType, note: "تحديث" } },
  });
  const test = { ...first, identifier: "t-1", alert: { status: "Test" } };
  const all = [first, second, after("Update", 10), after("Cancel", 20), after("Ack", 30), test].map(anAlert);
  return [...all, alertsXml(...all, anAlert({ ...first, sent: "yesterday" }))];
}

/** The right value four times out of five. */
function mostly(right: unknown, wrong: unknown): fc.Arbitrary<unknown> {
  return fc.constantFrom(right, right, right, right, wrong);
}

/** Texts of a message with something in them to be replaced. */
function message(text: string) {
  return { subject: text, body: `${text} <b>🌊</b>`, short: text };
}

/** A place on a ladder. */
function rung(channel: string) {
  return { channel, until: "delivered", waitMinutes: 10 };
}

/** A section with something in it that looks like markup. */
function section(id: string) {
  return { id, heading: { en: "Weather" }, body: { en: "Rough **sea** <b>🌊</b>", ar: "بحر هائج" } };
}

/** A point so many kilometres north of the others. */
function near(km: number) {
  return { points: [{ lat: 25 + km / 111, lon: 55 }] };
}

/** A polygon as it should be, or one that lacks its last point. */
function square(closed: boolean) {
  const ring = [25, 26, 26, 25].map((lat, n) => ({ lat, lon: n < 2 ? 55 : 56 }));
  return { polygons: [closed ? [...ring, { lat: 25, lon: 55 }] : ring] };
}
