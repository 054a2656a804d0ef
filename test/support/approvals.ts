import type { Person, PersonOptions } from "./people.ts";
import { type Place, type PlaceOptions, place } from "./place.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";

export const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });

/** An organisation with somebody who requests, and as many who decide as a test needs. `now` is the server's clock. */
export async function approvalRoom(url: string, now: () => number = Date.now, of: PlaceOptions = {}) {
  const here: Place = await place(of);
  const as = async (person: Person): Promise<RestClient> =>
    restClient(url, await person.session({ proven: true, openedAt: now() }));
  const officer = await here.person({ roles: ["operational"], name: "Layla" });
  const approver = (more: PersonOptions = {}) => here.person({ roles: ["executive", "approver"], ...more });
  const body = (approvers: readonly (Person | string)[], more: object = {}) => ({
    ...{ title: "Cooling units for hall 4", classification: "internal" },
    approvers: approvers.map((one) => (typeof one === "string" ? one : one.id)),
    ...more,
  });
  const ask = async (approvers: readonly (Person | string)[], more: object = {}, by?: RestClient): Promise<Reply> =>
    (by ?? (await as(officer))).post("/approvals", body(approvers, more));
  return {
    ...{ here, as, officer, approver, ask },
    api: restClient(url, await here.key()),
    /** A request that was taken: its id. */
    async asked(approvers: readonly (Person | string)[], more: object = {}, by?: RestClient): Promise<string> {
      const answer = await ask(approvers, more, by);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body.id;
    },
    approve: async (id: string, by: Person, version = 1, more: object = {}): Promise<Reply> =>
      (await as(by)).post(`/approvals/${id}/approve`, { version, ...more }),
    refuse: async (id: string, by: Person, version = 1): Promise<Reply> =>
      (await as(by)).post(`/approvals/${id}/refuse`, { version, reason: "Too dear." }),
    get: async (id: string) => (await (await as(officer)).get(`/approvals/${id}`)).body,
    inbox: async (person: Person, query = "") => (await (await as(person)).get(`/inbox${query}`)).body.items,
    moves: async (id: string, person: Person) => (await (await as(person)).get(`/approvals/${id}/moves`)).body.items,
    async delegate(from: Person, to: Person, more: object = {}): Promise<void> {
      const until = new Date(now() + 7 * 86_400_000).toISOString();
      const moves = ["approval.approve", "approval.refuse"];
      const said = { fromId: from.id, toId: to.id, moves, until, reason: "On leave.", ...more };
      const answer = await restClient(url, await here.key()).post("/delegations", said);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    },
  };
}
export type ApprovalRoom = Awaited<ReturnType<typeof approvalRoom>>;
