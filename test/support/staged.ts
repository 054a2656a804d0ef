import { operations, subscriptions } from "@dais/contracts";
import type { Operation, Subscription } from "@dais/contracts/kit/derive";
import type { Example, OperationMeta } from "@dais/contracts/kit/operation";
import { place } from "./place.ts";
import { restClient } from "./rest.ts";
import { stages } from "./staged-scenes.ts";
import { type Home, setPosture, withThings } from "./things.ts";

/** A sample that can run: its source with things that are there in the place of the example's, and who calls. */
export type Staged = { source: string; credential: string; home: Home; example: Example | undefined };

const declared = new Map<string, Operation | Subscription>([...operations, ...subscriptions]);

/** An organisation of a sample's own, in which what its example tells of can be done. */
export async function staged(url: string, operationId: string, source: string): Promise<Staged> {
  const { meta } = declared.get(operationId) as Operation | Subscription;
  const [example] = meta.examples;
  const here = await place();
  const [key, caller] = [await here.key(), await here.person({ roles: ["admin", "approver"] })];
  const session = await caller.session({ proven: true });
  const home = { place: here, api: restClient(url, key) };
  await setPosture(here, {});

  const ids = [...new Set(source.match(/\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g))];
  const things = (await withThings(ids, home)) as string[];
  const real = (text: string) => ids.reduce((so, id, n) => so.replaceAll(id, things[n] as string), text);
  const input = JSON.parse(real(JSON.stringify(example?.input ?? {})));
  const scene = { ...home, input, caller, admin: restClient(url, session) };
  const otherwise = Object.entries((await stages[operationId]?.(scene)) ?? {});
  return {
    source: otherwise.reduce((so, [shown, said]) => so.replaceAll(shown, said), real(source)),
    credential: isPersons(meta) ? session : key,
    home,
    example,
  };
}

/** What asks for a second factor or for a person, or is about the caller, is a person's to call. */
const isPersons = ({ assurance, capability, permission, problems }: OperationMeta) =>
  assurance !== null ||
  (permission === null && capability.name === "dispatchRecipients") ||
  ["contacts", "me", "notifications", "sessions"].includes(capability.name) ||
  [
    "action_own_work",
    "briefing_not_recipient",
    "dispatch_recipient_foreign",
    "person_required",
    "proposal_foreign",
  ].some((code) => problems.includes(code));
