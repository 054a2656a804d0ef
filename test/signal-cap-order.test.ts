import { beforeAll, describe, test } from "vitest";
import { anAlert, type Said, sendCap } from "./support/cap/door.ts";
import { place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { everySignal } from "./support/signals.ts";

let url: string;
beforeAll(async () => {
  url = (await startServer()).url;
});

const permutations = <T>(list: readonly T[]): T[][] =>
  list.length < 2
    ? [[...list]]
    : list.flatMap((one, n) => permutations(list.toSpliced(n, 1)).map((rest) => [one, ...rest]));

type Sent = { xml: string; query?: Record<string, string> };
const at = (minute: number) => `2026-01-06T04:${String(minute).padStart(2, "0")}:00-00:00`;
const of = (identifier: string, minute: number, more: Partial<Said> = {}): Said => ({
  identifier,
  sent: at(minute),
  ...more,
});
const update = (said: Said): Said => ({ ...said, alert: { msgType: "Update" } });
const cancel = (said: Said): Said => ({ ...said, alert: { msgType: "Cancel", note: "Over" }, info: null });
const A = of("a", 0, { info: { headline: "Storm", severity: "Severe" } });
const U = update(of("u", 10, { references: [A], info: { headline: "Storm eases", severity: "Minor" } }));
const U2 = update(of("u2", 20, { references: [A, U], info: { headline: "Storm back", severity: "Extreme" } }));
const C = cancel(of("c", 15, { references: [A] }));
const C3 = cancel(of("c3", 30, { references: [A, U2] }));
const B = of("b", 5, { sender: "other@sea.example", info: { headline: "Storm", severity: "Severe" } });
const BC = cancel(of("bc", 25, { sender: "other@sea.example", references: [B] }));
const scenarios: Record<string, Sent[]> = Object.fromEntries(
  Object.entries({
    "A U C": [A, U, C],
    "A U2 C": [A, U2, C],
    "A U U2 C": [A, U, U2, C],
    "A U U2 C C3": [A, U, U2, C, C3],
    "A C B": [A, C, B],
    "A U B": [A, U, B],
    "A U C B BC": [A, U, C, B, BC],
  }).map(([name, all]) => [name, all.map((said) => ({ xml: anAlert(said) }))]),
);
scenarios["A, A by other, U"] = [
  { xml: anAlert(A) },
  { xml: anAlert(A), query: { source: "relay" } },
  { xml: anAlert(U) },
];
scenarios["A, A by other, U, C"] = [...scenarios["A, A by other, U"], { xml: anAlert(C) }];

async function left(sent: Sent[]) {
  const api = restClient(url, await (await place()).key());
  for (const { xml, query } of sent) await sendCap(api, xml, query);
  const all = [...(await everySignal(api)), ...(await everySignal(api, "&state=merged"))];
  return all
    .filter(({ state }) => state !== "merged")
    .map(
      ({ title, state, severity, externalId, occurredAt, sightings }) =>
        `${title}/${state}/${severity}/${externalId}/${occurredAt.slice(11, 16)}/${process.env.S ? sightings : ""}`,
    )
    .sort();
}

describe("probe", () => {
  test.each(Object.entries(scenarios))("%s", { timeout: 100_000 }, async (name, sent) => {
    const found = new Map<string, string[]>();
    for (const order of permutations(sent.map((_, n) => n))) {
      const key = JSON.stringify(await left(order.map((n) => sent[n] as Sent)));
      found.set(key, [...(found.get(key) ?? []), order.join("")]);
    }
    console.log(
      name,
      [...found].map(([k, v]) => `${v.length} ${v.slice(0, 6)}: ${k}`),
    );
  });
});
