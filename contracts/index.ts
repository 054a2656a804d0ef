import { type ActionEvents, actions } from "./actions.ts";
import { type AgentEvents, agents } from "./agents.ts";
import { type ApiKeyEvents, apiKeys } from "./apiKeys.ts";
import { type ApprovalEvents, approvals } from "./approvals.ts";
import { type AuditEvents, audit } from "./audit.ts";
import { type BriefingRequestEvents, briefingRequests } from "./briefingRequests.ts";
import { type BriefingEvents, briefings } from "./briefings.ts";
import { type ContactEvents, contacts } from "./contacts.ts";
import { type DeadCommandEvents, deadCommands } from "./deadCommands.ts";
import { type DeadLetterEvents, deadLetters } from "./deadLetters.ts";
import { type DelegationEvents, delegations } from "./delegations.ts";
import { type DispatchEvents, dispatches } from "./dispatches.ts";
import { type DispatchRecipientEvents, dispatchRecipients } from "./dispatchRecipients.ts";
import { type EntityEvents, entities } from "./entities.ts";
import { type ErasureEvents, erasures } from "./erasures.ts";
import { events as eventOperations } from "./events.ts";
import { type GroupEvents, groups } from "./groups.ts";
import { inbox } from "./inbox.ts";
import { type IntegrationEvents, integrations } from "./integrations.ts";
import { type JobEvents, jobs } from "./jobs.ts";
import { type CodesOf, operationsOf, subscriptionsOf } from "./kit/derive.ts";
import { type EventSpec, eventsOf } from "./kit/event.ts";
import { router } from "./kit/operation.ts";
import { type BaseCode, baseProblems, type ProblemSpec } from "./kit/problems.ts";
import { me } from "./me.ts";
import { type MessageTemplateEvents, messageTemplates } from "./messageTemplates.ts";
import { type NotificationEvents, notifications } from "./notifications.ts";
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
import { type WebhookDeliveryEvents, webhookDeliveries } from "./webhookDeliveries.ts";
import { type WebhookEvents, webhooks } from "./webhooks.ts";
import { workflows } from "./workflows.ts";

/** The whole API. `typeof contract` is all that a TypeScript client needs. */
export const contract = router({
  actions,
  agents,
  apiKeys,
  approvals,
  audit,
  briefingRequests,
  briefings,
  contacts,
  deadCommands,
  deadLetters,
  delegations,
  dispatches,
  dispatchRecipients,
  entities,
  erasures,
  events: eventOperations,
  groups,
  inbox,
  integrations,
  jobs,
  me,
  messageTemplates,
  notifications,
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
  webhookDeliveries,
  webhooks,
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

type Events = ActionEvents &
  AgentEvents &
  ApiKeyEvents &
  ApprovalEvents &
  AuditEvents &
  BriefingEvents &
  BriefingRequestEvents &
  ContactEvents &
  DeadCommandEvents &
  DeadLetterEvents &
  DelegationEvents &
  DispatchEvents &
  DispatchRecipientEvents &
  EntityEvents &
  ErasureEvents &
  GroupEvents &
  IntegrationEvents &
  JobEvents &
  MessageTemplateEvents &
  NotificationEvents &
  OrganisationEvents &
  PeopleEvents &
  PostureEvents &
  ProgramEvents &
  ProposalEvents &
  RoleEvents &
  SessionEvents &
  SignalFeedEvents &
  SignalGroupEvents &
  SignalEvents &
  WebhookDeliveryEvents &
  WebhookEvents;
export type EventName = keyof Events;
/** What an event says of what has happened. */
export type PayloadOf<N extends EventName> = NonNullable<Events[N]["$payload"]>;
