import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
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

/** Of each command that an agent may only propose: what it can be proposed for. A new one needs its line here. */
export const scenes: Record<string, Scene> = {
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
