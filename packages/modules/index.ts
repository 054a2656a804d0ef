import type { Modules } from "@dais/kernel/context";
import type { AnyJob } from "@dais/kernel/jobs";
import type { Consumer } from "@dais/kernel/relay/consumer";
import type { Schedule } from "@dais/kernel/schedules";
import { ownerLeft } from "./agents/events.ts";
import { agents } from "./agents/index.ts";
import { apiKeys } from "./apiKeys/index.ts";
import { deadLetters } from "./deadLetters/index.ts";
import { delegationJobs, delegations } from "./delegations/index.ts";
import { entities } from "./entities/index.ts";
import { events } from "./events/index.ts";
import { groups } from "./groups/index.ts";
import { jobs } from "./jobs/index.ts";
import { me } from "./me/index.ts";
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
import { workflows } from "./workflows/index.ts";

/** The work behind every operation of the contract. A missing one does not compile. */
export const modules: Modules = {
  agents,
  apiKeys,
  deadLetters,
  delegations,
  entities,
  events,
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
};

/** Who hears what has happened: each module's `events.ts`. */
export const consumers: readonly Consumer[] = [ownerLeft];

/** What goes on in the background: each module's jobs, and what the clock makes of them. */
export function background({ fetchFeed }: Outside): { jobs: readonly AnyJob[]; schedules: readonly Schedule[] } {
  const feeds = feedJobs(fetchFeed);
  return {
    jobs: [...signalJobs.jobs, ...feeds.jobs, ...delegationJobs.jobs, ...proposalJobs.jobs, overdue],
    schedules: [
      ...signalJobs.schedules,
      ...feeds.schedules,
      ...delegationJobs.schedules,
      ...proposalJobs.schedules,
      lookingForOverdue,
    ],
  };
}

/** What the background needs of the outside: the ports that modules declare. */
export type Outside = { fetchFeed: FetchFeed };
