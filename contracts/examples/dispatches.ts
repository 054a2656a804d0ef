import { briefingId } from "./briefings.ts";
import { officerId } from "./people.ts";

const at = "2026-01-06T03:30:00.000Z";
const none = { groupIds: [], roles: [], entityIds: [], personIds: [] };

export const exampleTemplate = {
  id: "mtp_01kejc8ht0e6ssypg6m30swmc1",
  key: "daily-briefing",
  name: { en: "Daily briefing", ar: "الإحاطة اليومية" },
  category: "briefing" as const,
  variables: [{ name: "day", about: "Which day it is of.", maxLength: 40 }],
  languages: {
    en: {
      subject: "Briefing of {{day}}",
      body: "Good morning {{name}},\n\nthe briefing of {{day}} is there.\n\n{{link}}",
      short: "{{organisation}}: the briefing of {{day}} is there. {{link}}",
      contentSid: "HX0123456789abcdef0123456789abcdef",
    },
    ar: {
      subject: "إحاطة {{day}}",
      body: "صباح الخير {{name}}،\n\nإحاطة {{day}} جاهزة.\n\n{{link}}",
      short: "{{organisation}}: إحاطة {{day}} جاهزة. {{link}}",
      contentSid: null,
    },
  },
  createdBy: officerId,
  updatedBy: officerId,
  retiredAt: null,
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
};

const steps = [
  { channel: "whatsapp" as const, until: "delivered" as const, waitMinutes: 10 },
  { channel: "sms" as const, until: "delivered" as const, waitMinutes: 10 },
  { channel: "email" as const, until: "acknowledged" as const, waitMinutes: 60 },
];
const values = { en: { day: "6 January" }, ar: { day: "٦ يناير" } };
const subject = { type: "briefing" as const, id: briefingId };
const estimate = {
  messages: { least: 1, most: 3 },
  cost: { least: { amount: "0.15", currency: "AED" }, most: { amount: "0.35", currency: "AED" } },
};
const said = { templateId: exampleTemplate.id, subject, attachesPaper: true, entityId: null };
const head = {
  ...said,
  ...{ classification: "internal", priority: "normal" as const, drill: false, recipients: 1, estimate },
  ...{ day: "2026-01-06", createdBy: officerId, addressedAt: at, stoppedAt: null, finishedAt: null },
  ...{ state: "running" as const, stateReason: null, version: 1, createdAt: at, updatedAt: at },
};

export const exampleDispatch = {
  id: "dsp_01kejc8ht0e6ssypg6m30swmd1",
  ...head,
  content: {
    ...{ templateKey: exampleTemplate.key, templateVersion: 1, category: exampleTemplate.category },
    ...{ variables: exampleTemplate.variables, languages: exampleTemplate.languages, values },
  },
  audience: { ...none, personIds: [officerId], addressees: [] },
  policy: { steps, escalateAfterMinutes: 120 },
};
export const exampleSummary = {
  ...{ id: exampleDispatch.id, ...head, templateKey: exampleTemplate.key, category: exampleTemplate.category },
};
/** What is said to make it. */
export const exampleInput = {
  ...{ templateId: exampleTemplate.id, classification: "internal", values, subject, attachesPaper: true },
  ...{ audience: { personIds: [officerId] }, policy: exampleDispatch.policy },
};
export const stopped = {
  ...exampleDispatch,
  ...{ state: "stopped" as const, stateReason: "The wrong chart.", stoppedAt: "2026-01-06T03:31:00.000Z" },
  ...{ version: 2, updatedAt: "2026-01-06T03:31:00.000Z" },
};
export const exampleDay = { day: "2026-01-06", cap: 2000, reserved: 3, left: 1997 };

export const exampleRecipient = {
  ...{ id: "dre_01kejc8ht0e6ssypg6m30swme1", dispatchId: exampleDispatch.id, personId: officerId },
  ...{ name: "Layla Al Marri", language: "en" as const, classification: "internal", channel: "whatsapp" as const },
  ...{ step: 0, nextAt: "2026-01-06T03:40:00.000Z", escalateAt: "2026-01-06T05:30:00.000Z", forId: null },
  ...{ acknowledgedVia: null, acknowledgedAt: null, state: "sent" as const, stateReason: null, version: 3 },
  ...{ createdAt: at, updatedAt: "2026-01-06T03:30:02.000Z" },
};
export const exampleMessage = {
  ...{ id: exampleRecipient.id, dispatchId: exampleDispatch.id, language: "en" as const, classification: "internal" },
  title: "Briefing of 6 January",
  body: "Good morning Layla Al Marri,\n\nthe briefing of 6 January is there.\n\nhttps://dais.example/r/rimal/AZuiyCRAdGWV_WhdDK1MDgd0Zm0bZk5wT2h5c2Vhc3U",
  link: "https://dais.example/r/rimal/AZuiyCRAdGWV_WhdDK1MDgd0Zm0bZk5wT2h5c2Vhc3U",
  ...{ acknowledgedAt: null, createdAt: at },
};
const masked = "https://dais.example/r/rimal/…?0c9f31d7";
export const exampleRehearsal = {
  ...{ id: exampleRecipient.id, dispatchId: exampleDispatch.id, classification: "internal" },
  items: [
    {
      ...{ step: 0, channel: "whatsapp" as const, withheld: true, language: "en" as const, subject: null },
      text: `Rimal Holding has a message for you. Sign in to read it.\n\nلديك رسالة من Rimal Holding. سجّل الدخول لقراءتها.\n\n${masked}`,
      ...{ contentSid: null, variables: null, withPaper: false },
    },
    {
      ...{ step: 2, channel: "email" as const, withheld: false, language: "en" as const },
      subject: "Briefing of 6 January",
      text: `Good morning Layla Al Marri,\n\nthe briefing of 6 January is there.\n\n${masked}`,
      ...{ contentSid: null, variables: null, withPaper: true },
    },
  ],
};
export const exampleAttempt = {
  ...{ step: 0, channel: "whatsapp" as const, vendor: "twilio", address: "+1202•••0103", withheld: false },
  ...{ overrode: null, state: "taken" as const, status: "sent" as const, code: null },
  ...{ startedAt: "2026-01-06T03:30:01.000Z", endedAt: "2026-01-06T03:30:02.000Z" },
};
export const acknowledged = {
  ...exampleRecipient,
  ...{ state: "acknowledged" as const, nextAt: null, escalateAt: null, acknowledgedVia: "api" as const },
  ...{ acknowledgedAt: "2026-01-06T03:36:00.000Z", version: 4, updatedAt: "2026-01-06T03:36:00.000Z" },
};
