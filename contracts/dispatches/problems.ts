import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a call that is about dispatches. */
export const dispatchProblems = {
  dispatch_not_found: {
    status: 404,
    title: "No such dispatch",
    meaning: "There is no dispatch with this id in the caller's organisation and within the caller's clearance.",
    remedy: "Check the id, or list dispatches.",
  },
  dispatch_changed: {
    status: 412,
    title: "The dispatch has changed since",
    meaning: "The dispatch has moved on since the version that the caller saw. `version` is the one that it has now.",
    remedy: "Read the dispatch again, and decide again.",
  },
  dispatch_wrong_state: {
    status: 409,
    title: "The dispatch has no such move",
    meaning: "It is finished, or was stopped already. `state` says which.",
    remedy: "Ask `dispatches.moves` which moves there are now.",
  },
  dispatch_template_unknown: {
    status: 422,
    title: "No such template",
    meaning: "The template does not exist in this organisation, or was retired.",
    remedy: "List `messageTemplates`.",
  },
  dispatch_variable_unknown: {
    status: 422,
    title: "The template has no such variable",
    meaning: "`names` are given values, and the template declares no variables of these names.",
    remedy: "Leave them out, or declare them in the template.",
  },
  dispatch_variable_missing: {
    status: 422,
    title: "A variable has no value",
    meaning: "The template declares `names`, and they have a value in no language.",
    remedy: "Give each variable a value, in one language at least.",
  },
  dispatch_value_too_long: {
    status: 422,
    title: "A value is too long",
    meaning: "The values of `names` are longer than the template lets them be.",
    remedy: "Shorten them, or raise `maxLength` in the template.",
  },
  dispatch_too_long: {
    status: 422,
    title: "The message would be too long",
    meaning:
      "With its values, and for a recipient with a long name, a text has more characters than channels carry: 1 600 in `short`, 40 000 in `body`. `texts` says which.",
    remedy: "Shorten the values, or the template.",
  },
  dispatch_classification_unknown: {
    status: 422,
    title: "No such level",
    meaning: "The classification is none of the organisation's levels up to the caller's clearance.",
    remedy: "Take a level of `organisations.current` that the caller may see.",
  },
  dispatch_subject_unknown: {
    status: 422,
    title: "No such subject",
    meaning: "What the dispatch is about does not exist for the caller.",
    remedy: "Check its type and id, or leave `subject` out.",
  },
  dispatch_below_subject: {
    status: 422,
    title: "Classified below its subject",
    meaning: "What the dispatch is about is classified higher than the dispatch.",
    remedy: "Classify the dispatch as high as its subject.",
  },
  dispatch_paper_missing: {
    status: 422,
    title: "There is no paper to attach",
    meaning:
      "Only a dispatch whose subject is a distributed briefing has a PDF to attach: what was approved alone goes to nobody yet.",
    remedy: "Distribute the briefing and name it as `subject`, or leave `attachesPaper` out.",
  },
  dispatch_entity_unknown: {
    status: 422,
    title: "No such entity",
    meaning: "The entity that the dispatch would belong to does not exist in this organisation.",
    remedy: "List entities, or leave `entityId` out.",
  },
  dispatch_audience_unknown: {
    status: 422,
    title: "The audience names what isn't there",
    meaning: "`names` are groups, roles, entities or people of the audience that don't exist in this organisation.",
    remedy: "List groups, roles, entities and people.",
  },
  dispatch_audience_empty: {
    status: 422,
    title: "An audience of nobody",
    meaning:
      "The audience comes to nobody: it names nothing, or only those who are disabled or not cleared for the dispatch. `leftOut` says how many are not cleared.",
    remedy: "Name people, or groups, roles or entities with people in them, or addresses.",
  },
  dispatch_audience_too_large: {
    status: 422,
    title: "Too many recipients",
    meaning: "The audience comes to more than 100 000.",
    remedy: "Make several dispatches.",
  },
  dispatch_phone_invalid: {
    status: 422,
    title: "Not a telephone number that there could be",
    meaning: "The numbers of the addressees at `positions`, counted from 0, are in no numbering plan.",
    remedy: "Check the numbers, and give them in E.164 form.",
  },
  dispatch_addressee_twice: {
    status: 422,
    title: "An address is named twice",
    meaning:
      "The addressees at `positions`, counted from 0, have a telephone or an address of mail that another before them has: it would be told twice.",
    remedy: "Name each address once: where two people share one, leave it out for one of them.",
  },
  dispatch_addressee_unreachable: {
    status: 422,
    title: "An addressee without an address",
    meaning:
      "The addressees at `positions`, counted from 0, have an address for none of the policy's channels. Only WhatsApp, SMS and mail reach who is no person of the organisation.",
    remedy: "Give them a number or a mail address, or add a channel to the policy.",
  },
  dispatch_above_ceiling: {
    status: 422,
    title: "Too highly classified for addresses",
    meaning:
      "Addressees can't sign in to read what a channel may not carry, and the dispatch is above the ceiling of `channels`.",
    remedy: "Leave the addressees or these channels out, or classify the dispatch lower where that is right.",
  },
  dispatch_channel_off: {
    status: 422,
    title: "Nobody carries this channel",
    meaning: "This server has nobody who carries messages over `channels`.",
    remedy: "Take other channels, or ask the server's operators.",
  },
  dispatch_cap: {
    status: 409,
    title: "Beyond the day's cap",
    meaning:
      "The dispatch may come to more messages than are left for the day. `needed` says how many it may come to, and `left` how many are left.",
    remedy: "Make it smaller, or ask for more: `dispatches.raiseCap`, for that day or for every day.",
  },
  dispatch_cap_not_raised: {
    status: 422,
    title: "No higher than it is",
    meaning: "The cap asked for is not above the one of that day, or of every day. `cap` says what that is.",
    remedy: "Ask for more, or for nothing.",
  },
  dispatch_cap_undecidable: {
    status: 422,
    title: "Nobody could approve it",
    meaning: "Nobody but the caller and whoever is behind them may approve what is asked.",
    remedy: "Let an administrator make somebody an approver.",
  },
  dispatch_day_past: {
    status: 422,
    title: "The day is over",
    meaning: "The day is before today, by the organisation's time zone. `today` says which day it is.",
    remedy: "Take today or a later day.",
  },
} as const satisfies Record<string, ProblemSpec>;
