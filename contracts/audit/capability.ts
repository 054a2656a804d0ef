import { auditEvents } from "../events/audit.ts";
import { capability } from "../kit/operation.ts";
import { auditProblems } from "../problems/audit.ts";

/** What all operations of the audit log share. */
export const { query, command, events } = capability({
  name: "audit",
  title: "Audit log",
  about:
    "Who did what, when, to what, and what let them: changes, refusals, and reads of what is classified. Nobody changes it, and nobody has to believe that: each entry is sealed into a tree that is signed every second, and proves itself to whoever holds a checkpoint. An entry above the caller's clearance shows that something was done, by whom and when, and withholds what.",
  permissions: {
    "audit.read": "Read the audit log.",
    "audit.export": "Take the audit log out, for another system to keep or to watch.",
    "audit.rotate": "Have checkpoints of the audit log signed by a new key.",
    "audit.set_tiles": "Open the audit log's checkpoints and tiles to everybody, or close them.",
    "audit.cosign": "Hand in the cosignature of a witness.",
    "audit.add_witness": "Say whose cosignatures are taken.",
    "audit.remove_witness": "Say whose cosignatures are taken no longer.",
  },
  problems: auditProblems,
  events: auditEvents,
});
export type AuditEvents = typeof events;
