import { z } from "zod";
import { officerId } from "../examples/people.ts";
import { event, idPayload } from "../kit/event.ts";
import { Classification, line } from "../kit/shapes.ts";
import { PersonId } from "../person.ts";
import { RoleKey } from "../roles.ts";

/** What is told of people. None of it names anybody: who may read people reads who it is. */
export const peopleEvents = {
  "person.created": event({
    about: "A person signed in for the first time, and was made.",
    version: 1,
    permission: "person.read",
    payload: idPayload("per"),
    example: { id: officerId },
  }),
  "person.updated": event({
    about: "Something about a person was changed, here or by the directory.",
    version: 1,
    permission: "person.read",
    payload: idPayload("per"),
    example: { id: officerId },
  }),
  "person.signed_in": event({
    about: "A person signed in.",
    version: 1,
    permission: "person.read",
    payload: idPayload("per"),
    example: { id: officerId },
  }),
  "person.disabled": event({
    about: "A person was shut out, and all sessions were ended.",
    version: 1,
    permission: "person.read",
    payload: z.object({ id: PersonId, reason: line(2000) }),
    example: { id: officerId, reason: "Left the company on 5 January." },
  }),
  "person.enabled": event({
    about: "A person was let in again.",
    version: 1,
    permission: "person.read",
    payload: idPayload("per"),
    example: { id: officerId },
  }),
  "person.role_granted": event({
    about: "A person was given a role.",
    version: 1,
    permission: "person.read",
    payload: z.object({ id: PersonId, role: RoleKey }),
    example: { id: officerId, role: "auditor" },
  }),
  "person.role_revoked": event({
    about: "A role that a person was given was taken back.",
    version: 1,
    permission: "person.read",
    payload: z.object({ id: PersonId, role: RoleKey }),
    example: { id: officerId, role: "auditor" },
  }),
  "person.clearance_set": event({
    about: "A person's clearance was set.",
    version: 1,
    permission: "person.read",
    payload: z.object({ id: PersonId, clearance: Classification }),
    example: { id: officerId, clearance: "secret" },
  }),
  "person.deputies_set": event({
    about: "It was said who stands in for a person, and when.",
    version: 1,
    permission: "person.read",
    payload: idPayload("per"),
    example: { id: officerId },
  }),
} as const;
