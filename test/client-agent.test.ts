import {
  type AgentOutputs,
  createAgentClient,
  createClient,
  isProposal,
  type Outputs,
  type Proposal,
} from "@dais/client";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type Proposer, proposer, reported } from "./support/proposals.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let agent: Proposer;
beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  agent = await proposer(here);
});

describe("createAgentClient", () => {
  test("what an agent may only propose answers it with a proposal, once for a key", async () => {
    const dais = createAgentClient({ url, key: agent.key });
    const { id, version } = await reported(restClient(url, await here.key()));
    const answer = await dais.signals.acknowledge.mutate({ id, version });
    if (!isProposal(answer)) throw new Error("nobody decided about that");
    expect(answer).toMatchObject({ state: "open", operation: "signals.acknowledge", agentId: agent.id });
    expect(await dais.proposals.get.query({ id: answer.id })).toEqual(answer);
    const person = createClient({ url, headers: { cookie: "none" }, key: await here.key() });
    const done = await person.signals.acknowledge.mutate({ id, version });
    expect(isProposal(done)).toBe(false);
    expect(done.state).toBe("acknowledged");
  });

  test("types: an agent gets the output or a proposal, and everybody else what there was", () => {
    type Acknowledged = Outputs["signals"]["acknowledge"];
    expectTypeOf<AgentOutputs["signals"]["acknowledge"]>().toEqualTypeOf<Acknowledged | Proposal>();
    expectTypeOf<AgentOutputs["signals"]["ingest"]>().toEqualTypeOf<Outputs["signals"]["ingest"]>();
    expectTypeOf<AgentOutputs["signals"]["get"]>().toEqualTypeOf<Outputs["signals"]["get"]>();
    const dais = createAgentClient({ url });
    expectTypeOf(dais.signals.dismiss.mutate).returns.resolves.toEqualTypeOf<
      Outputs["signals"]["dismiss"] | Proposal
    >();
    expectTypeOf(dais.signals.get.query).returns.resolves.toEqualTypeOf<Outputs["signals"]["get"]>();
    expectTypeOf(createClient({ url }).signals.dismiss.mutate).returns.resolves.toEqualTypeOf<Acknowledged>();
  });
});
