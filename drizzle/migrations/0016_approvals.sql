CREATE TABLE "approval_votes" (
	"tenant_id" uuid NOT NULL,
	"approval_id" uuid NOT NULL,
	"step" integer NOT NULL,
	"person_id" uuid NOT NULL,
	"on_behalf_of" uuid,
	"decision" text NOT NULL,
	"option" text,
	"comment" text,
	"content_sha256" text NOT NULL,
	"version" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "approval_votes_key" PRIMARY KEY("tenant_id","approval_id","step"),
	CONSTRAINT "approval_votes_person" UNIQUE("tenant_id","approval_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"title" text NOT NULL,
	"details" text NOT NULL,
	"subject_type" text,
	"subject_id" text,
	"entity_id" uuid,
	"amount" numeric,
	"currency" text,
	"options" jsonb NOT NULL,
	"needed" integer NOT NULL,
	"in_order" boolean NOT NULL,
	"steps" jsonb NOT NULL,
	"deadline_at" timestamp (3) with time zone,
	"escalate_to" text,
	"escalated_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"requested_by" text NOT NULL,
	"persons" text[] NOT NULL,
	"content_sha256" text NOT NULL,
	"outcome_option" text,
	"classification" text NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"decided_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "approvals_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "waiting" DROP CONSTRAINT "waiting_tenant_id_machine_resource_id_pk";--> statement-breakpoint
ALTER TABLE "waiting" ADD COLUMN "slot" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "waiting" ADD COLUMN "group_id" uuid;--> statement-breakpoint
ALTER TABLE "waiting" ADD COLUMN "moves" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "waiting" ADD COLUMN "barred" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "waiting" ADD COLUMN "title_en" text;--> statement-breakpoint
ALTER TABLE "waiting" ADD COLUMN "title_ar" text;--> statement-breakpoint
ALTER TABLE "approval_votes" ADD CONSTRAINT "approval_votes_approval" FOREIGN KEY ("tenant_id","approval_id") REFERENCES "public"."approvals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_votes" ADD CONSTRAINT "approval_votes_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approvals_newest" ON "approvals" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "approvals_state" ON "approvals" USING btree ("tenant_id","state","created_at","id");--> statement-breakpoint
CREATE INDEX "approvals_subject" ON "approvals" USING btree ("tenant_id","subject_type","subject_id","created_at","id");--> statement-breakpoint
CREATE INDEX "approvals_deadline" ON "approvals" USING btree ("tenant_id","state","deadline_at");--> statement-breakpoint
CREATE INDEX "approvals_expiry" ON "approvals" USING btree ("tenant_id","state","expires_at");--> statement-breakpoint
CREATE INDEX "deputies_of" ON "deputies" USING btree ("tenant_id","deputy_id","to_day");--> statement-breakpoint
CREATE UNIQUE INDEX "waiting_key" ON "waiting" USING btree ("tenant_id","machine","resource_id","slot");--> statement-breakpoint
CREATE INDEX "waiting_group" ON "waiting" USING btree ("tenant_id","group_id","since","resource_id");