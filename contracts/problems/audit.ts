import type { ProblemSpec } from "../kit/problems.ts";

/** What can be wrong with a call about proofs, witnesses and keys of the audit log. */
export const auditProblems = {
  audit_entry_not_found: {
    status: 404,
    title: "No such entry",
    meaning: "There is no entry with this id in the caller's organisation, or it lies above the caller's clearance.",
    remedy: "Check the id, or search.",
  },
  audit_export_too_large: {
    status: 422,
    title: "Too much for one export",
    meaning: "More entries fit than one export has. `limit` says how many that is.",
    remedy: "Export a shorter time: `from` and `to`.",
  },
  audit_checkpoint_not_found: {
    status: 404,
    title: "No such checkpoint",
    meaning: "Nothing of this size was signed, or nothing yet at all.",
    remedy: "Take one of `audit.checkpoints`. The first one is there a second after the first entry.",
  },
  audit_not_sealed: {
    status: 409,
    title: "Not sealed yet",
    meaning: "The entry is on record, and under no checkpoint of this size yet.",
    remedy: "Ask again after a second, or for a later checkpoint.",
  },
  audit_sizes_invalid: {
    status: 422,
    title: "No two sizes of the log",
    meaning: "`from` is larger than `to`, or `to` is larger than what was signed: `size` says how much that is.",
    remedy: "Ask from the earlier size to the later one.",
  },
  audit_witness_key_invalid: {
    status: 422,
    title: "No key of a witness",
    meaning: "The text is no verifier key of type 4 (Ed25519 cosignatures), or its id isn't that of its key.",
    remedy: "Send the key as the witness publishes it: `name+id+key`.",
  },
  audit_witness_not_found: {
    status: 404,
    title: "No such witness",
    meaning: "There is no witness with this id in the caller's organisation.",
    remedy: "Check the id, or list the witnesses.",
  },
  audit_witnesses_full: {
    status: 422,
    title: "Too many witnesses",
    meaning: "The organisation has 16 witnesses, and more would make every proof larger.",
    remedy: "Remove one first.",
  },
  audit_cosignature_invalid: {
    status: 422,
    title: "No cosignature of this checkpoint",
    meaning:
      "The line is no signature of this checkpoint by a witness that the organisation has, or names a time to come.",
    remedy: "Sign the text of this checkpoint, and register the witness's key first.",
  },
} as const satisfies Record<string, ProblemSpec>;
