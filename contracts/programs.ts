import { z } from "zod";
import { AgentId } from "./agents.ts";
import { exampleProgram as example } from "./examples/programs.ts";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Classification, Instant, line, Version } from "./kit/shapes.ts";

export const ProgramId = typeId("prg");
/** What calls: a program of somebody's, or a registered agent. */
export const programKinds = ["client", "agent"] as const;

const told = (about: string) =>
  event({ about, version: 1, permission: "program.read", payload: idPayload("prg"), example: { id: example.id } });

const { query, command, events } = capability({
  name: "programs",
  title: "Programs",
  about:
    "Applications of the directory that call with the identity provider's tokens instead of a key: for themselves, with what their app roles mean here, or for the person who signed in with them.",
  permissions: {
    "program.read": "See which applications may call with tokens.",
    "program.create": "Let an application of the directory call with tokens.",
    "program.update": "Change what such an application is called, and its clearance.",
    "program.disable": "Shut such an application out.",
    "program.enable": "Let it in again.",
  },
  problems: {
    program_not_found: {
      status: 404,
      title: "No such program",
      meaning: "There is no program with this id in the caller's organisation.",
      remedy: "Check the id, or list programs.",
    },
    program_changed: {
      status: 412,
      title: "The program has changed since",
      meaning:
        "Somebody changed the program after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the program again, and decide again.",
    },
    program_exists: {
      status: 409,
      title: "The application is registered already",
      meaning: "The application of this directory calls for an organisation already; it can call for one only.",
      remedy: "List programs; register another application in the directory for another organisation.",
    },
    program_directory_unknown: {
      status: 422,
      title: "Not a directory of this organisation",
      meaning: "The organisation takes no sign-ins of this directory.",
      remedy: "Take the directory (tenant) id of the identity provider that the organisation's people sign in with.",
    },
    program_exceeds_caller: {
      status: 403,
      title: "More than the caller has",
      meaning: "A program can't be given a clearance that the caller doesn't have.",
      remedy: "Take a lower one, or ask somebody who has it.",
    },
    program_agent_unfit: {
      status: 422,
      title: "No such agent",
      meaning:
        "A program of kind `agent` needs the id of a registered agent that is not retired, and one of kind `client` has none.",
      remedy: "List agents, or register one.",
    },
  },
  events: {
    "program.created": told("An application of the directory was let in."),
    "program.updated": told("A program was renamed, or its clearance was changed."),
    "program.disabled": told("A program was shut out."),
    "program.enabled": told("A program was let in again."),
  },
});
export type ProgramEvents = typeof events;

export const Program = z
  .object({
    id: ProgramId,
    name: line(200),
    directory: line(500).describe("Id of the directory whose application it is; elsewhere the issuer's address."),
    clientId: line(200).describe("The application's id there: a token's `azp`."),
    kind: z.enum(programKinds),
    agentId: AgentId.nullable().describe("The agent that it calls as."),
    clearance: Classification.describe("The highest level that exists for it, and for whoever calls through it."),
    disabledAt: Instant.nullable(),
    lastUsedAt: Instant.nullable().describe("To the minute."),
    createdBy: z.string().max(200).describe("Id of who let it in."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Program", description: "An application of the directory that may call with tokens." });
export type Program = z.infer<typeof Program>;

const stepUp = { mfa: true, maxAgeSeconds: 300 } as const;
const changed = (how: string) =>
  z.object({ changed: z.boolean().describe(`False where it was ${how} already.`), program: Program });
const after = (change: object) => ({ ...example, ...change, version: 2, updatedAt: "2026-01-06T04:00:00.000Z" });
const { id, name, directory, clientId, clearance } = example;

export const programs = router({
  list: query({
    rest: "GET /programs",
    summary: "List programs, newest first",
    permission: "program.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ ...paging, agentId: AgentId.optional().describe("Only those of this agent.") }),
    output: page(Program),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /programs/{id}",
    summary: "Read one program",
    permission: "program.read",
    problems: ["program_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: ProgramId }),
    output: Program,
    examples: [{ title: "One program", input: { id }, output: example }],
  }),
  create: command({
    rest: "POST /programs",
    summary: "Let an application of the directory call with tokens",
    description:
      "Its app roles give it permissions, by `roles.mappings`, when it calls for itself. When it calls for a person, it has what the person may, within the scopes of the token.",
    permission: "program.create",
    problems: ["program_exceeds_caller", "program_exists", "program_directory_unknown", "program_agent_unfit"],
    status: 201,
    location: "/programs/{id}",
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({
      name: line(200),
      directory: line(500),
      clientId: line(200),
      kind: z.enum(programKinds).default("client"),
      agentId: AgentId.nullable().default(null),
      clearance: Classification,
    }),
    output: Program,
    examples: [
      {
        title: "An importer",
        input: { name, directory, clientId, clearance },
        output: { ...example, lastUsedAt: null },
      },
    ],
  }),
  update: command({
    rest: "PATCH /programs/{id}",
    summary: "Rename a program, or change its clearance",
    permission: "program.update",
    problems: ["program_not_found", "program_changed", "program_exceeds_caller"],
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({
      id: ProgramId,
      version: Version,
      name: line(200).optional(),
      clearance: Classification.optional(),
    }),
    output: Program,
    examples: [
      {
        title: "Another clearance",
        input: { id, version: 1, clearance: "public" },
        output: after({ clearance: "public" }),
      },
    ],
  }),
  disable: command({
    rest: "POST /programs/{id}/disable",
    summary: "Shut a program out, at once",
    permission: "program.disable",
    problems: ["program_not_found"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: ProgramId }),
    output: changed("disabled"),
    examples: [
      {
        title: "Its secret leaked",
        input: { id },
        output: { changed: true, program: after({ disabledAt: "2026-01-06T04:00:00.000Z" }) },
      },
    ],
  }),
  enable: command({
    rest: "POST /programs/{id}/enable",
    summary: "Let a program in again",
    permission: "program.enable",
    problems: ["program_not_found"],
    anyVersion: true,
    assurance: stepUp,
    mcp: false,
    input: z.strictObject({ id: ProgramId }),
    output: changed("enabled"),
    examples: [
      { title: "It has another secret", input: { id }, output: { changed: true, program: after({ version: 3 }) } },
    ],
  }),
});
