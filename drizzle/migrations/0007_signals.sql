ALTER TABLE "signals" ADD COLUMN "place" jsonb;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "west" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "south" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "east" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "north" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "latitude" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "longitude" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "geocodes" text[] DEFAULT '{}' NOT NULL;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "translations" jsonb;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "fingerprint" text;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "sightings" integer DEFAULT 1 NOT NULL;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "last_seen_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "merged_into" uuid;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "group_id" uuid;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "assignee_id" uuid;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "snoozed_until" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "raise_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "label" text;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "assessed_severity" text;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "assessed_confidence" double precision;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "assessed_by" text;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "review" text;
--> statement-breakpoint
ALTER TABLE "signals" ADD COLUMN "review_since" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_tenant_id" UNIQUE("tenant_id","id");
--> statement-breakpoint
CREATE TABLE "signal_feeds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"source" text NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"every_minutes" integer NOT NULL,
	"classification" text NOT NULL,
	"entity_id" uuid,
	"least_severity" text,
	"enabled" boolean NOT NULL,
	"etag" text,
	"last_modified" text,
	"asked_at" timestamp (3) with time zone,
	"last_good_at" timestamp (3) with time zone,
	"last_error" text,
	"failures" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signal_feeds_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "signal_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"name" text,
	"lead_id" uuid,
	"merged_into" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signal_groups_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "signal_ties" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"one_id" uuid NOT NULL,
	"other_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "signal_ties_pair" UNIQUE("tenant_id","one_id","other_id")
);
--> statement-breakpoint
CREATE TABLE "signal_alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"signal_id" uuid,
	"name" text NOT NULL,
	"refers" text[] NOT NULL,
	"classification" text NOT NULL,
	"entity_id" uuid,
	"source" text NOT NULL,
	"sender" text NOT NULL,
	"identifier" text NOT NULL,
	"sent" text NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL,
	"message_type" text NOT NULL,
	"status" text NOT NULL,
	"alert" text NOT NULL,
	"signature" text NOT NULL,
	"warnings" text[] NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signal_alerts_name" UNIQUE("tenant_id","name")
);
--> statement-breakpoint
CREATE TABLE "signal_reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"signal_id" uuid NOT NULL,
	"source" text NOT NULL,
	"external_id" text,
	"identity" text,
	"fingerprint" text NOT NULL,
	"digest" text NOT NULL,
	"newest" boolean NOT NULL,
	"severity" text NOT NULL,
	"confidence" double precision,
	"latitude" double precision,
	"longitude" double precision,
	"area_keys" text[] NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"reported_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signal_views" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"owner_id" text NOT NULL,
	"name" text NOT NULL,
	"shared" boolean NOT NULL,
	"filters" jsonb NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signal_views_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "signal_assessments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"signal_id" uuid NOT NULL,
	"by_kind" text NOT NULL,
	"by" text NOT NULL,
	"on_behalf_of" text,
	"label" text NOT NULL,
	"severity" text NOT NULL,
	"confidence" double precision NOT NULL,
	"rationale" text NOT NULL,
	"model" text,
	"model_version" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signal_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"signal_id" uuid NOT NULL,
	"target" text NOT NULL,
	"target_signal_id" uuid,
	"title" text,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "signal_notes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"signal_id" uuid NOT NULL,
	"body" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "signal_feeds" ADD CONSTRAINT "signal_feeds_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_groups" ADD CONSTRAINT "signal_groups_lead" FOREIGN KEY ("tenant_id","lead_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_ties" ADD CONSTRAINT "signal_ties_one" FOREIGN KEY ("tenant_id","one_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_ties" ADD CONSTRAINT "signal_ties_two" FOREIGN KEY ("tenant_id","other_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_alerts" ADD CONSTRAINT "signal_alerts_of" FOREIGN KEY ("tenant_id","signal_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_reports" ADD CONSTRAINT "signal_reports_of" FOREIGN KEY ("tenant_id","signal_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_assessments" ADD CONSTRAINT "signal_assessments_of" FOREIGN KEY ("tenant_id","signal_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_links" ADD CONSTRAINT "signal_links_of" FOREIGN KEY ("tenant_id","signal_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_links" ADD CONSTRAINT "signal_links_to" FOREIGN KEY ("tenant_id","target_signal_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signal_notes" ADD CONSTRAINT "signal_notes_of" FOREIGN KEY ("tenant_id","signal_id") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "signal_feeds_source" ON "signal_feeds" USING btree ("tenant_id","source") WHERE "signal_feeds"."deleted_at" is null;
--> statement-breakpoint
CREATE INDEX "signal_feeds_due" ON "signal_feeds" USING btree ("next_at");
--> statement-breakpoint
CREATE INDEX "signal_groups_newest" ON "signal_groups" USING btree ("tenant_id","id") WHERE "signal_groups"."merged_into" is null;
--> statement-breakpoint
CREATE INDEX "signal_ties_other" ON "signal_ties" USING btree ("tenant_id","other_id");
--> statement-breakpoint
CREATE INDEX "signal_ties_apart" ON "signal_ties" USING btree ("tenant_id") WHERE "signal_ties"."kind" = 'apart' and "signal_ties"."ended_at" is null;
--> statement-breakpoint
CREATE INDEX "signal_alerts_newest" ON "signal_alerts" USING btree ("tenant_id","id");
--> statement-breakpoint
CREATE INDEX "signal_alerts_refers" ON "signal_alerts" USING gin ("refers");
--> statement-breakpoint
CREATE INDEX "signal_alerts_signal" ON "signal_alerts" USING btree ("tenant_id","signal_id","sent_at");
--> statement-breakpoint
CREATE INDEX "signal_reports_alike" ON "signal_reports" USING btree ("tenant_id","fingerprint","occurred_at");
--> statement-breakpoint
CREATE INDEX "signal_reports_signal" ON "signal_reports" USING btree ("tenant_id","signal_id","occurred_at");
--> statement-breakpoint
CREATE INDEX "signal_reports_newest" ON "signal_reports" USING btree ("tenant_id","signal_id") WHERE "signal_reports"."newest";
--> statement-breakpoint
CREATE UNIQUE INDEX "signal_reports_identity" ON "signal_reports" USING btree ("tenant_id","identity","digest") WHERE "signal_reports"."identity" is not null;
--> statement-breakpoint
CREATE INDEX "signal_views_owner" ON "signal_views" USING btree ("tenant_id","owner_id","name");
--> statement-breakpoint
CREATE INDEX "signal_assessments_newest" ON "signal_assessments" USING btree ("tenant_id","signal_id","at","id");
--> statement-breakpoint
CREATE INDEX "signal_links_newest" ON "signal_links" USING btree ("tenant_id","signal_id","at","id");
--> statement-breakpoint
CREATE INDEX "signal_notes_newest" ON "signal_notes" USING btree ("tenant_id","signal_id","at","id");
--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_assignee" FOREIGN KEY ("tenant_id","assignee_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_merged" FOREIGN KEY ("tenant_id","merged_into") REFERENCES "public"."signals"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "signals_group" ON "signals" USING btree ("tenant_id","group_id");
--> statement-breakpoint
CREATE INDEX "signals_review" ON "signals" USING btree ("tenant_id","review_since","id") WHERE "signals"."review" is not null;
--> statement-breakpoint
CREATE INDEX "signals_due" ON "signals" USING btree ("tenant_id","state","snoozed_until","raise_at");
--> statement-breakpoint
CREATE INDEX "signals_changed" ON "signals" USING btree ("tenant_id","updated_at","id");
--> statement-breakpoint
CREATE INDEX "signals_assignee_newest" ON "signals" USING btree ("tenant_id","assignee_id","occurred_at","id") WHERE "signals"."assignee_id" is not null;
--> statement-breakpoint
CREATE INDEX "signals_picture" ON "signals" USING btree ("tenant_id","state","classification","severity","category","entity_id");
--> statement-breakpoint
CREATE INDEX "audit_signal_moves" ON "audit" USING btree ("tenant_id","at") WHERE "audit"."resource_type" = 'signal' and "audit"."event" in ('escalate', 'dismiss', 'reopen', 'wake', 'raise');
--> statement-breakpoint
DROP INDEX "signals_source_external";
--> statement-breakpoint
CREATE INDEX "signals_source_external" ON "signals" USING btree ("tenant_id","source","external_id") WHERE "signals"."external_id" is not null;
--> statement-breakpoint
CREATE INDEX "signals_near" ON "signals" USING btree ("tenant_id","category","occurred_at");
--> statement-breakpoint
CREATE INDEX "signals_merged_into" ON "signals" USING btree ("tenant_id","merged_into") WHERE "signals"."merged_into" is not null;