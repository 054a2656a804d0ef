import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a call that is about briefings. */
export const briefingProblems = {
  briefing_not_found: {
    status: 404,
    title: "No such briefing",
    meaning:
      "There is no briefing with this id for the caller: it belongs to another organisation, lies above the caller's clearance, or was not distributed to a caller who may not read all briefings.",
    remedy: "Check the id, or list briefings.",
  },
  briefing_wrong_state: {
    status: 409,
    title: "The briefing's state has no such move",
    meaning:
      "The briefing is in a state from which this move does not exist, or is no draft and so can't be edited. `state` says which.",
    remedy: "Ask `briefings.moves` which moves there are now. To edit what was submitted or approved, revise it.",
  },
  briefing_changed: {
    status: 412,
    title: "The briefing has changed since",
    meaning:
      "Somebody changed the briefing after the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read the briefing again, and decide again.",
  },
  briefing_edition_not_found: {
    status: 404,
    title: "No such edition",
    meaning: "The briefing has no edition of this number.",
    remedy: "List `briefings.editions`.",
  },
  briefing_section_unknown: {
    status: 422,
    title: "No such section",
    meaning: "`sectionIds` are of comments on sections that the edition doesn't have.",
    remedy: "Comment on a section of the briefing as it is, or on the whole of it.",
  },
  briefing_day_past: {
    status: 422,
    title: "The day is over",
    meaning: "The day of the briefing is before today, by the organisation's time zone. `today` says which day it is.",
    remedy: "Write it for today or a later day.",
  },
  briefing_signal_unknown: {
    status: 422,
    title: "No such signal",
    meaning: "`signalIds` names sources that don't exist for the caller.",
    remedy: "Name signals that the caller can read, or leave them out.",
  },
  briefing_classification_unknown: {
    status: 422,
    title: "No such level",
    meaning: "The classification is none of the organisation's levels up to the caller's clearance.",
    remedy: "Take a level of `organisations.current` that the caller may see.",
  },
  briefing_below_sources: {
    status: 422,
    title: "Classified below its sources",
    meaning:
      "Sources are classified higher than the briefing. `count` says how many; `signalIds` names those that the caller may see.",
    remedy: "Classify the briefing as high as its sources, or leave those out.",
  },
  briefing_audience_unknown: {
    status: 422,
    title: "The audience names what isn't there",
    meaning: "`names` are groups, roles, entities or people of the audience that don't exist in this organisation.",
    remedy: "List groups, roles, entities and people.",
  },
  briefing_audience_empty: {
    status: 422,
    title: "An audience of nobody",
    meaning: "The audience comes to nobody: it names nothing, or only what nobody enabled is in.",
    remedy: "Name people, or groups, roles or entities with people in them.",
  },
  briefing_audience_not_cleared: {
    status: 422,
    title: "Not everybody in the audience is cleared",
    meaning:
      "People in the audience are not cleared for the briefing's classification, which is not below that of its sources. `count` says how many; who may see people finds them in `personIds`, up to 100, and who may see the signals finds those that are above them in `signalIds`.",
    remedy: "Take them out of the audience, or the sources that are too high out of the briefing.",
  },
  briefing_already_distributed: {
    status: 409,
    title: "That audience has a briefing for the day",
    meaning:
      "Another briefing of the same day was distributed to the same audience. `briefingId` names it, where the caller may see it.",
    remedy: "To correct that one, withdraw it first.",
  },
  briefing_not_sealed: {
    status: 409,
    title: "Not printed yet",
    meaning:
      "The briefing is approved, and its document is made as soon as the approval is under a checkpoint of the audit log. That takes seconds.",
    remedy: "Ask again after `Retry-After` seconds, or listen to `briefing.printed`.",
  },
  briefing_paper_failed: {
    status: 409,
    title: "Not printed, and nothing prints it",
    meaning:
      "The briefing is approved, and the job that makes its document failed for good. `jobId` names it; null: it was given up, or is gone, and nothing can make the document of this approval any more.",
    remedy:
      "Who may retry jobs (`job.retry`, an administrator) lets it run again by `jobs.retry`, once `jobs.get` says what was amiss. Without a job: one that is approved is revised and approved again, and one that was distributed is withdrawn and made anew. Its text can be read by `briefings.get` all the while.",
  },
  briefing_too_long: {
    status: 422,
    title: "Too long for a document",
    meaning: "A document has up to `pages` pages and `characters` characters, and this one would have more.",
    remedy: "Read it by `briefings.get`, or revise it and make it shorter.",
  },
  briefing_not_recipient: {
    status: 409,
    title: "Not distributed to the caller",
    meaning: "Only somebody to whom the briefing was distributed can say that they have read it.",
    remedy: "Nothing is to be done.",
  },
} as const satisfies Record<string, ProblemSpec>;
