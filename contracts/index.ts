import { type AgentEvents, agents } from "./agents.ts";
import { type ApiKeyEvents, apiKeys } from "./apiKeys.ts";
import { type DeadLetterEvents, deadLetters } from "./deadLetters.ts";
import { type DelegationEvents, delegations } from "./delegations.ts";
import { type EntityEvents, entities } from "./entities.ts";
import { events as eventOperations } from "./events.ts";
import { type GroupEvents, groups } from "./groups.ts";
import { type JobEvents, jobs } from "./jobs.ts";
import { type CodesOf, operationsOf, subscriptionsOf } from "./kit/derive.ts";
import { type EventSpec, eventsOf } from "./kit/event.ts";
import { router } from "./kit/operation.ts";
import { type BaseCode, baseProblems, type ProblemSpec } from "./kit/problems.ts";
import { me } from "./me.ts";
import { type OrganisationEvents, organisations } from "./organisations.ts";
import { type PeopleEvents, people } from "./people.ts";
import { type PostureEvents, posture } from "./posture.ts";
import { type ProgramEvents, programs } from "./programs.ts";
import { type ProposalEvents, proposals } from "./proposals.ts";
import { type RoleEvents, roles } from "./roles.ts";
import { type SessionEvents, sessions } from "./sessions.ts";
import { type SignalFeedEvents, signalFeeds } from "./signalFeeds.ts";
import { type SignalGroupEvents, signalGroups } from "./signalGroups.ts";
import { type SignalEvents, signals } from "./signals.ts";
import { signalViews } from "./signalViews.ts";
import { terms } from "./terms.ts";
import { workflows } from "./workflows.ts";

/** The whole API. `typeof contract` is all that a TypeScript client needs. */
export const contract = router({
  agents,
  apiKeys,
  deadLetters,
  delegations,
  entities,
  events: eventOperations,
  groups,
  jobs,
  me,
  organisations,
  people,
  posture,
  programs,
  proposals,
  roles,
  sessions,
  signalFeeds,
  signalGroups,
  signals,
  signalViews,
  workflows,
  terms,
});
export type Contract = typeof contract;

/** Every operation, by RPC path. */
export const operations = operationsOf(contract);

/** Every subscription, by RPC path. */
export const subscriptions = subscriptionsOf(contract);

/** Every capability, once. */
export const capabilities = [...new Set([...operations.values()].map((o) => o.meta.capability))];

export type ProblemCode = BaseCode | CodesOf<Contract>;

/** The catalogue of problems, by code. */
export const problems = Object.assign({}, baseProblems, ...capabilities.map((c) => c.problems)) as Readonly<
  Record<ProblemCode, ProblemSpec>
>;

/** Every permission -> what who holds it may do. */
export const permissions: Readonly<Record<string, string>> = Object.assign(
  {},
  ...capabilities.map((c) => c.permissions),
);

/** Every event, by name. */
export const events: ReadonlyMap<string, EventSpec> = eventsOf(capabilities);

type Events = AgentEvents &
  ApiKeyEvents &
  DeadLetterEvents &
  DelegationEvents &
  EntityEvents &
  GroupEvents &
  JobEvents &
  OrganisationEvents &
  PeopleEvents &
  PostureEvents &
  ProgramEvents &
  ProposalEvents &
  RoleEvents &
  SessionEvents &
  SignalFeedEvents &
  SignalGroupEvents &
  SignalEvents;
export type EventName = keyof Events;
/** What an event says of what has happened. */
export type PayloadOf<N extends EventName> = NonNullable<Events[N]["$payload"]>;
