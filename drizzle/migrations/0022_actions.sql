CREATE TABLE "actions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"title" text NOT NULL,
	"details" text NOT NULL,
	"priority" text NOT NULL,
	"due_day" date,
	"due_at" timestamp (3) with time zone,
	"owner_id" uuid NOT NULL,
	"deputy_ids" uuid[] NOT NULL,
	"entity_id" uuid,
	"classification" text NOT NULL,
	"source_type" text,
	"source_id" uuid,
	"created_by" text NOT NULL,
	"completed_by" text,
	"completed_at" timestamp (3) with time zone,
	"completed_persons" text[] DEFAULT '{}' NOT NULL,
	"verified_by" text,
	"verified_at" timestamp (3) with time zone,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "actions_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "action_evidence" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"url" text NOT NULL,
	"title" text,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "action_items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"place" integer NOT NULL,
	"text" text NOT NULL,
	"done" boolean NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "action_notes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"body" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "action_watchers" (
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "action_watchers_tenant_id_action_id_person_id_pk" PRIMARY KEY("tenant_id","action_id","person_id")
);
--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_owned" FOREIGN KEY ("tenant_id","owner_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "actions" ADD CONSTRAINT "actions_of_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_evidence" ADD CONSTRAINT "action_evidence_of" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_items" ADD CONSTRAINT "action_items_of" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_notes" ADD CONSTRAINT "action_notes_of" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_watchers" ADD CONSTRAINT "action_watchers_of" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_watchers" ADD CONSTRAINT "action_watchers_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "actions_due" ON "actions" USING btree ("tenant_id",coalesce("due_at", 'infinity'::timestamptz),"id");--> statement-breakpoint
CREATE INDEX "actions_working" ON "actions" USING btree ("tenant_id",coalesce("due_at", 'infinity'::timestamptz),"id") WHERE "actions"."state" in ('open', 'in_progress', 'blocked');--> statement-breakpoint
CREATE INDEX "actions_owner" ON "actions" USING btree ("tenant_id","owner_id",coalesce("due_at", 'infinity'::timestamptz),"id");--> statement-breakpoint
CREATE INDEX "actions_mine" ON "actions" USING btree ("tenant_id","owner_id",coalesce("due_at", 'infinity'::timestamptz),"id") WHERE "actions"."state" in ('open', 'in_progress', 'blocked');--> statement-breakpoint
CREATE INDEX "actions_entity" ON "actions" USING btree ("tenant_id","entity_id",coalesce("due_at", 'infinity'::timestamptz),"id");--> statement-breakpoint
CREATE INDEX "actions_source" ON "actions" USING btree ("tenant_id","source_id");--> statement-breakpoint
CREATE INDEX "actions_created" ON "actions" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "actions_completed" ON "actions" USING btree ("tenant_id","completed_at");--> statement-breakpoint
CREATE INDEX "action_evidence_newest" ON "action_evidence" USING btree ("tenant_id","action_id","at","id");--> statement-breakpoint
CREATE INDEX "action_items_of_action" ON "action_items" USING btree ("tenant_id","action_id","place","id");--> statement-breakpoint
CREATE INDEX "action_notes_newest" ON "action_notes" USING btree ("tenant_id","action_id","at","id");--> statement-breakpoint
CREATE INDEX "action_watchers_person" ON "action_watchers" USING btree ("tenant_id","person_id","action_id");