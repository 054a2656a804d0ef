CREATE TABLE "audit_checkpoints" (
	"tenant_id" uuid NOT NULL,
	"size" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"note" text NOT NULL,
	"key_id" text NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_checkpoints_tenant_id_size_pk" PRIMARY KEY("tenant_id","size")
);
--> statement-breakpoint
CREATE TABLE "audit_cosignatures" (
	"tenant_id" uuid NOT NULL,
	"size" bigint NOT NULL,
	"witness" text NOT NULL,
	"key_id" text NOT NULL,
	"line" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_cosignatures_tenant_id_size_witness_key_id_pk" PRIMARY KEY("tenant_id","size","witness","key_id")
);
--> statement-breakpoint
CREATE TABLE "audit_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"key_id" text NOT NULL,
	"name" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"sealed_private" text,
	"from_at" timestamp (3) with time zone NOT NULL,
	"until_at" timestamp (3) with time zone,
	"lost_at" timestamp (3) with time zone,
	CONSTRAINT "audit_keys_key" UNIQUE("tenant_id","key_id")
);
--> statement-breakpoint
CREATE TABLE "audit_leaves" (
	"tenant_id" uuid NOT NULL,
	"index" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "audit_leaves_tenant_id_index_pk" PRIMARY KEY("tenant_id","index"),
	CONSTRAINT "audit_leaves_seq" UNIQUE("tenant_id","seq")
);
--> statement-breakpoint
CREATE TABLE "audit_nodes" (
	"tenant_id" uuid NOT NULL,
	"level" integer NOT NULL,
	"tile" bigint NOT NULL,
	"hashes" "bytea" NOT NULL,
	CONSTRAINT "audit_nodes_tenant_id_level_tile_pk" PRIMARY KEY("tenant_id","level","tile")
);
--> statement-breakpoint
CREATE TABLE "audit_trees" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"sealed_through" "xid8" DEFAULT '0' NOT NULL,
	"after_seq" bigint DEFAULT 0 NOT NULL,
	"signed_size" bigint DEFAULT 0 NOT NULL,
	"tiles_open" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_witnesses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"key_id" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"added_by" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "audit_cosignatures" ADD CONSTRAINT "audit_cosignatures_tenant_id_size_audit_checkpoints_tenant_id_size_fk" FOREIGN KEY ("tenant_id","size") REFERENCES "public"."audit_checkpoints"("tenant_id","size") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_keys_current" ON "audit_keys" USING btree ("tenant_id") WHERE "audit_keys"."until_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_witnesses_current" ON "audit_witnesses" USING btree ("tenant_id","name","key_id") WHERE "audit_witnesses"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "audit_witnesses_tenant" ON "audit_witnesses" USING btree ("tenant_id","added_at","id");--> statement-breakpoint
CREATE INDEX "audit_committed" ON "audit" USING btree ("tenant_id","xid","seq");