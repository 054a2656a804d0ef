CREATE TABLE "delegations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"from_id" uuid NOT NULL,
	"to_id" uuid NOT NULL,
	"moves" text[] NOT NULL,
	"entity_id" uuid,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"created_by" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "delegations_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "posture_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"entity_id" uuid,
	"from_level" text,
	"level" text NOT NULL,
	"rank" integer NOT NULL,
	"reason" text NOT NULL,
	"signal_ids" uuid[] NOT NULL,
	"proposed_by" text NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"classification" text NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "posture_changes_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "posture_levels" (
	"tenant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"rank" integer NOT NULL,
	"name" jsonb NOT NULL,
	"criteria" jsonb NOT NULL,
	CONSTRAINT "posture_levels_tenant_id_key_pk" PRIMARY KEY("tenant_id","key"),
	CONSTRAINT "posture_levels_rank" UNIQUE("tenant_id","rank")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"operation" text NOT NULL,
	"input" jsonb NOT NULL,
	"input_hash" text NOT NULL,
	"effect" jsonb NOT NULL,
	"effect_hash" text NOT NULL,
	"ids" text[] NOT NULL,
	"agent_id" text NOT NULL,
	"on_behalf_of" text,
	"persons" text[] NOT NULL,
	"model" text,
	"model_version" text,
	"classification" text NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"output" jsonb,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "proposals_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "terms" (
	"tenant_id" uuid NOT NULL,
	"machine" text NOT NULL,
	"state" text NOT NULL,
	"hours" integer,
	"working_days" integer,
	CONSTRAINT "terms_tenant_id_machine_state_pk" PRIMARY KEY("tenant_id","machine","state")
);
--> statement-breakpoint
CREATE TABLE "waiting" (
	"tenant_id" uuid NOT NULL,
	"machine" text NOT NULL,
	"resource_id" uuid NOT NULL,
	"state" text NOT NULL,
	"permission" text,
	"person_id" uuid,
	"entity_id" uuid,
	"classification" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"overdue_at" timestamp (3) with time zone,
	"escalates_at" timestamp (3) with time zone,
	CONSTRAINT "waiting_tenant_id_machine_resource_id_pk" PRIMARY KEY("tenant_id","machine","resource_id")
);
--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "persons" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "workflow_moves" ADD COLUMN "four_eyes" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "workflow_moves" ADD COLUMN "hand" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_given" FOREIGN KEY ("tenant_id","from_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_taken" FOREIGN KEY ("tenant_id","to_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posture_changes" ADD CONSTRAINT "posture_changes_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posture_changes" ADD CONSTRAINT "posture_changes_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "delegations_to" ON "delegations" USING btree ("tenant_id","to_id","until");--> statement-breakpoint
CREATE INDEX "delegations_from" ON "delegations" USING btree ("tenant_id","from_id","until");--> statement-breakpoint
CREATE INDEX "posture_changes_newest" ON "posture_changes" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "posture_changes_open" ON "posture_changes" USING btree ("tenant_id","entity_id","state");--> statement-breakpoint
CREATE INDEX "proposals_newest" ON "proposals" USING btree ("tenant_id","state","created_at","id");--> statement-breakpoint
CREATE INDEX "proposals_agent" ON "proposals" USING btree ("tenant_id","agent_id","state");--> statement-breakpoint
CREATE INDEX "proposals_due" ON "proposals" USING btree ("tenant_id","state","expires_at");--> statement-breakpoint
CREATE INDEX "waiting_person" ON "waiting" USING btree ("tenant_id","person_id","since","resource_id");--> statement-breakpoint
CREATE INDEX "waiting_permission" ON "waiting" USING btree ("tenant_id","permission","since","resource_id");--> statement-breakpoint
CREATE INDEX "waiting_due" ON "waiting" USING btree ("tenant_id","due_at");