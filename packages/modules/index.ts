import type { Modules } from "@dais/kernel/context";
import type { AnyJob } from "@dais/kernel/jobs";
import type { Print } from "@dais/kernel/print";
import type { Consumer } from "@dais/kernel/relay/consumer";
import type { Schedule } from "@dais/kernel/schedules";
import { actionJobs, actions } from "./actions/index.ts";
import { ownerLeft } from "./agents/events.ts";
import { agents } from "./agents/index.ts";
import { apiKeys } from "./apiKeys/index.ts";
import { approvalJobs, approvals, approversChanged } from "./approvals/index.ts";
import { audit } from "./audit/index.ts";
import { briefingRequests, dayStart } from "./briefingRequests/index.ts";
import { briefings, expiry, paperJobs } from "./briefings/index.ts";
import { contacts } from "./contacts/index.ts";
import { deadCommands } from "./deadCommands/index.ts";
import { deadLetters } from "./deadLetters/index.ts";
import { delegationJobs, delegations } from "./delegations/index.ts";
import { briefed, capGranted, roused, seen, unbriefed } from "./dispatches/events.ts";
import { dispatches, dispatchJobs } from "./dispatches/index.ts";
import { dispatchRecipients } from "./dispatchRecipients/index.ts";
import { entities } from "./entities/index.ts";
import { erasures } from "./erasures/index.ts";
import { events } from "./events/index.ts";
import { groups } from "./groups/index.ts";
import { inbox } from "./inbox/index.ts";
import { integrations } from "./integrations/index.ts";
import { jobs } from "./jobs/index.ts";
import { me } from "./me/index.ts";
import { messageTemplates } from "./messageTemplates/index.ts";
import { notifications } from "./notifications/index.ts";
import { organisations } from "./organisations/index.ts";
import { people } from "./people/index.ts";
import { posture } from "./posture/index.ts";
import { programs } from "./programs/index.ts";
import { proposalJobs, proposals } from "./proposals/index.ts";
import { roles } from "./roles/index.ts";
import { sessions } from "./sessions/index.ts";
import { type FetchFeed, feedJobs, signalFeeds } from "./signalFeeds/index.ts";
import { signalGroups } from "./signalGroups/index.ts";
import { signalJobs, signals } from "./signals/index.ts";
import { signalViews } from "./signalViews/index.ts";
import { lookingForOverdue, overdue, terms } from "./terms/index.ts";
import { webhookDeliveries } from "./webhookDeliveries/index.ts";
import { webhookJobs, webhooks } from "./webhooks/index.ts";
import { workflows } from "./workflows/index.ts";

/** The work behind every operation of the contract. A missing one does not compile. */
export const modules: Modules = {
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
  events,
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
};

/** Who hears what has happened: each module's `events.ts`. */
export const consumers: readonly Consumer[] = [
  ownerLeft,
  approversChanged,
  capGranted,
  briefed,
  unbriefed,
  seen,
  roused,
];

/** What goes on in the background: each module's jobs, and what the clock makes of them. */
export function background({ fetchFeed, print }: Outside): { jobs: readonly AnyJob[]; schedules: readonly Schedule[] } {
  const feeds = feedJobs(fetchFeed);
  return {
    jobs: [
      ...signalJobs.jobs,
      ...actionJobs.jobs,
      ...feeds.jobs,
      ...delegationJobs.jobs,
      ...proposalJobs.jobs,
      ...webhookJobs.jobs,
      ...approvalJobs.jobs,
      ...dayStart.jobs,
      ...expiry.jobs,
      ...dispatchJobs.jobs,
      ...paperJobs(print).jobs,
      overdue,
    ],
    schedules: [
      ...signalJobs.schedules,
      ...actionJobs.schedules,
      ...feeds.schedules,
      ...approvalJobs.schedules,
      ...delegationJobs.schedules,
      ...proposalJobs.schedules,
      ...dayStart.schedules,
      ...expiry.schedules,
      lookingForOverdue,
    ],
  };
}

/** What the background needs of the outside: the ports that modules declare. */
export type Outside = { fetchFeed: FetchFeed; print: Print };
