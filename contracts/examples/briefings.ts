import { officerId } from "./people.ts";

export const briefingId = "brf_01kejc8ht0e6ssypg6m30swmb1";
export const briefingRequestId = "brq_01kejc8ht0e6ssypg6m30swmb2";
const signalId = "sig_01kejc8ht0e6ssypg6m30swm9g";
const [agent, chief] = ["agt_01kejc8ht0e6ssypg6m30swm9a", "per_01kejc8ht0e6ssypg6m30swmp2"];
const sha = "3f0a7d1c5b9e4826a1d0c3f7e5b2986440d1e8c7a6b5f4938271605f4e3d2c1b";

export const exampleContent = {
  title: { en: "Morning briefing", ar: "إحاطة الصباح" },
  sections: [
    {
      id: "weather",
      heading: { en: "Weather", ar: "الطقس" },
      body: {
        en: "**Two extreme warnings** over the data centre's region until noon.",
        ar: "**تحذيران شديدان** فوق منطقة مركز البيانات حتى الظهر.",
      },
    },
  ],
  sources: [{ signalId, confidence: 0.9, note: "Confirmed from the site." }],
  classification: "internal",
  audience: { groupIds: [], roles: [], entityIds: [], personIds: [officerId] },
};

const about = {
  ...{ edition: 1, contentSha256: sha, createdBy: agent, editedBy: agent, submittedBy: null },
  ...{ approvedBy: null, approvedAt: null, distributedBy: null, distributedAt: null, recipients: null },
  ...{ state: "draft" as const, stateReason: null, version: 1 },
  ...{ createdAt: "2026-01-06T02:40:00.000Z", updatedAt: "2026-01-06T02:40:00.000Z" },
};
export const exampleBriefing = { id: briefingId, day: "2026-01-06", ...exampleContent, ...about };
export const exampleSummary = {
  ...{ id: briefingId, day: "2026-01-06", title: exampleContent.title, classification: "internal" },
  ...about,
};

export const submitted = {
  ...exampleBriefing,
  ...{ state: "pending_approval" as const, submittedBy: agent, version: 2, updatedAt: "2026-01-06T02:45:00.000Z" },
};
export const approved = {
  ...submitted,
  ...{ state: "approved" as const, approvedBy: chief, approvedAt: "2026-01-06T03:10:00.000Z" },
  ...{ version: 3, updatedAt: "2026-01-06T03:10:00.000Z" },
};
export const distributed = {
  ...approved,
  ...{ state: "distributed" as const, distributedBy: officerId, distributedAt: "2026-01-06T03:30:00.000Z" },
  ...{ recipients: 1, version: 4, updatedAt: "2026-01-06T03:30:00.000Z" },
};
export const exampleEdition = {
  ...{ edition: 1, day: "2026-01-06", ...exampleContent, contentSha256: sha },
  ...{ author: agent, createdAt: "2026-01-06T02:40:00.000Z" },
};
export const exampleComment = {
  ...{ id: "cmt_01kejc8ht0e6ssypg6m30swmb3", edition: 1, sectionId: "weather" },
  ...{ body: "Say which sites.", author: chief, createdAt: "2026-01-06T02:50:00.000Z" },
};
export const exampleRecipient = {
  ...{ personId: officerId, name: { en: "Omar Khalil", ar: "عمر خليل" } },
  ...{ addedAt: "2026-01-06T03:30:00.000Z", readAt: "2026-01-06T03:41:00.000Z" },
};
export const exampleRequest = {
  ...{ id: briefingRequestId, day: "2026-01-06", from: "2026-01-05T02:30:00.000Z", to: "2026-01-06T02:30:00.000Z" },
  ...{ agentId: agent, askAt: "2026-01-06T03:30:00.000Z", classification: "public", state: "requested" as const },
  ...{ stateReason: null, version: 1 },
  ...{ createdAt: "2026-01-06T02:30:00.000Z", updatedAt: "2026-01-06T02:30:00.000Z" },
};
