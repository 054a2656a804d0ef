import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, tenantId, xid8 } from "./columns.ts";

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });

/** The Merkle tree of an organisation's audit log: how far it has grown, and who may look at it. One row, held by who lets it grow. */
export const auditTrees = pgTable("audit_trees", {
  tenantId: uuid("tenant_id").primaryKey(),
  /** The log's name in checkpoints. Kept: a server that moves goes on with the log that it had. */
  origin: text().notNull(),
  size: bigint({ mode: "number" }).notNull().default(0),
  /** Every entry of a lower transaction has its leaf. */
  sealedThrough: xid8("sealed_through").notNull().default("0"),
  /** And of this very transaction, those up to this `seq`. */
  afterSeq: bigint("after_seq", { mode: "number" }).notNull().default(0),
  /** Of the latest checkpoint. */
  signedSize: bigint("signed_size", { mode: "number" }).notNull().default(0),
  /** Whether anybody may read checkpoints, tiles and commitments without a credential. */
  tilesOpen: boolean("tiles_open").notNull().default(false),
});

/** What the tree commits to, in its order: the commitments to both halves of an entry. */
export const auditLeaves = pgTable(
  "audit_leaves",
  {
    tenantId: tenantId(),
    index: bigint({ mode: "number" }).notNull(),
    /** Of the entry. */
    seq: bigint({ mode: "number" }).notNull(),
    data: bytes().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.index] }), unique("audit_leaves_seq").on(t.tenantId, t.seq)],
);

/** The tree's hashes in tiles of 256. Level 0 has those of leaves; each above, one for each full tile below. @see https://c2sp.org/tlog-tiles */
export const auditNodes = pgTable(
  "audit_nodes",
  {
    tenantId: tenantId(),
    level: integer().notNull(),
    tile: bigint({ mode: "number" }).notNull(),
    /** 32 bytes each; it grows until it is full. */
    hashes: bytes().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.level, t.tile] })],
);

/** What was signed of the tree. */
export const auditCheckpoints = pgTable(
  "audit_checkpoints",
  {
    tenantId: tenantId(),
    size: bigint({ mode: "number" }).notNull(),
    root: bytes().notNull(),
    /** A signed note. @see https://c2sp.org/tlog-checkpoint */
    note: text().notNull(),
    keyId: text("key_id").notNull(),
    madeAt: instant("made_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.size] })],
);

/** What witnesses have signed of it. @see https://c2sp.org/tlog-cosignature */
export const auditCosignatures = pgTable(
  "audit_cosignatures",
  {
    tenantId: tenantId(),
    size: bigint({ mode: "number" }).notNull(),
    /** The name of the witness' key. */
    witness: text().notNull(),
    keyId: text("key_id").notNull(),
    line: text().notNull(),
    /** When the witness says that it was. */
    at: instant("at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.size, t.witness, t.keyId] }),
    foreignKey({ columns: [t.tenantId, t.size], foreignColumns: [auditCheckpoints.tenantId, auditCheckpoints.size] }),
  ],
);

/** Keys that sign checkpoints. The public halves stay for ever: what they signed stays good. */
export const auditKeys = pgTable(
  "audit_keys",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    /** 8 hexadecimal digits. @see https://c2sp.org/signed-note */
    keyId: text("key_id").notNull(),
    name: text().notNull(),
    publicKey: bytes("public_key").notNull(),
    /** Sealed by the server's sealing keys; null where it signs no more. */
    sealedPrivate: text("sealed_private"),
    fromAt: instant("from_at").notNull(),
    untilAt: instant("until_at"),
    /** When it was found that its private half can't be opened any more. */
    lostAt: instant("lost_at"),
  },
  (t) => [
    unique("audit_keys_key").on(t.tenantId, t.keyId),
    uniqueIndex("audit_keys_current").on(t.tenantId).where(sql`${t.untilAt} is null`),
  ],
);

/** Whose cosignatures are taken. */
export const auditWitnesses = pgTable(
  "audit_witnesses",
  {
    id: uuid().primaryKey(),
    tenantId: tenantId(),
    name: text().notNull(),
    keyId: text("key_id").notNull(),
    publicKey: bytes("public_key").notNull(),
    addedBy: text("added_by").notNull(),
    addedAt: instant("added_at").notNull(),
    removedAt: instant("removed_at"),
  },
  (t) => [
    uniqueIndex("audit_witnesses_current").on(t.tenantId, t.name, t.keyId).where(sql`${t.removedAt} is null`),
    index("audit_witnesses_tenant").on(t.tenantId, t.addedAt, t.id),
  ],
);
