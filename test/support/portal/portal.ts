import { createClient, isLostAnswer, isProblem, type Outputs, withKey } from "@dais/client";

/** A program as somebody else would write it: it knows the package's types, a server's address and a key, and nothing else. */
const [url = "", key = ""] = process.argv.slice(2);
const dais = createClient({ url, key });
type Signal = Outputs["signals"]["get"];

const { signal } = await dais.signals.ingest.mutate(
  {
    source: "portal",
    title: "Flood Watch",
    severity: "severe",
    category: "met",
    classification: "internal",
    occurredAt: "2026-01-06T04:00:00.000Z",
    reportedAt: "2026-01-06T03:58:00.000Z",
  },
  withKey("portal-1"),
);
const [organisation, { items }] = await Promise.all([
  dais.organisations.current.query({}),
  dais.signals.list.query({ limit: 20, source: "portal", state: ["new"] }),
]);
const acknowledged = await decide(signal);
const late = await decide(signal);
console.log(
  JSON.stringify({ name: organisation.name.en, listed: items.map(({ id }) => id), id: signal.id, acknowledged, late }),
);

async function decide({ id, version }: Signal): Promise<Signal["state"] | "too late" | "unknown"> {
  try {
    const { state } = await dais.signals.acknowledge.mutate({ id, version });
    return state;
  } catch (error) {
    if (isProblem(error, "signal_changed", "signal_wrong_state")) return "too late";
    if (isLostAnswer(error)) return "unknown";
    throw error;
  }
}

// @ts-expect-error: no such field
void (() => dais.signals.list.query({ limt: 1 }));
// @ts-expect-error: no such operation
void (() => dais.signals.remove.mutate({ id: "" }));
// @ts-expect-error: no such problem
isProblem(null, "signal_chnged");
// @ts-expect-error: an answer says what a state may be
const state: Signal["state"] = "open";
void state;
