CREATE TABLE "briefing_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"window_from" timestamp (3) with time zone NOT NULL,
	"window_to" timestamp (3) with time zone NOT NULL,
	"agent_id" uuid,
	"ask_at" timestamp (3) with time zone NOT NULL,
	"classification" text NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "briefing_requests_day" UNIQUE("tenant_id","day")
);
--> statement-breakpoint
CREATE TABLE "briefing_comments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"briefing_id" uuid NOT NULL,
	"edition" integer NOT NULL,
	"section_id" text,
	"body" text NOT NULL,
	"author" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "briefing_editions" (
	"tenant_id" uuid NOT NULL,
	"briefing_id" uuid NOT NULL,
	"day" date NOT NULL,
	"title" jsonb NOT NULL,
	"sections" jsonb NOT NULL,
	"sources" jsonb NOT NULL,
	"classification" text NOT NULL,
	"audience" jsonb NOT NULL,
	"edition" integer NOT NULL,
	"content_sha256" text NOT NULL,
	"author" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "briefing_editions_key" PRIMARY KEY("tenant_id","briefing_id","edition")
);
--> statement-breakpoint
CREATE TABLE "briefing_recipients" (
	"tenant_id" uuid NOT NULL,
	"briefing_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	"read_at" timestamp (3) with time zone,
	CONSTRAINT "briefing_recipients_key" PRIMARY KEY("tenant_id","briefing_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "briefings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"title" jsonb NOT NULL,
	"sections" jsonb NOT NULL,
	"sources" jsonb NOT NULL,
	"classification" text NOT NULL,
	"audience" jsonb NOT NULL,
	"edition" integer NOT NULL,
	"content_sha256" text NOT NULL,
	"signal_ids" uuid[] NOT NULL,
	"audience_sha256" text NOT NULL,
	"created_by" text NOT NULL,
	"edited_by" text NOT NULL,
	"submitted_by" text,
	"approved_by" text,
	"approved_at" timestamp (3) with time zone,
	"distributed_by" text,
	"distributed_at" timestamp (3) with time zone,
	"recipients" integer,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "briefings_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "briefing_requests" ADD CONSTRAINT "briefing_requests_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing_comments" ADD CONSTRAINT "briefing_comments_of" FOREIGN KEY ("tenant_id","briefing_id") REFERENCES "public"."briefings"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing_editions" ADD CONSTRAINT "briefing_editions_of" FOREIGN KEY ("tenant_id","briefing_id") REFERENCES "public"."briefings"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing_recipients" ADD CONSTRAINT "briefing_recipients_of" FOREIGN KEY ("tenant_id","briefing_id") REFERENCES "public"."briefings"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing_recipients" ADD CONSTRAINT "briefing_recipients_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefings" ADD CONSTRAINT "briefings_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "briefing_requests_open" ON "briefing_requests" USING btree ("tenant_id","state","day");--> statement-breakpoint
CREATE INDEX "briefing_comments_newest" ON "briefing_comments" USING btree ("tenant_id","briefing_id","created_at","id");--> statement-breakpoint
CREATE INDEX "briefing_recipients_person" ON "briefing_recipients" USING btree ("tenant_id","person_id","briefing_id");--> statement-breakpoint
CREATE INDEX "briefings_days" ON "briefings" USING btree ("tenant_id","day","id");--> statement-breakpoint
CREATE INDEX "briefings_states" ON "briefings" USING btree ("tenant_id","state","day","id");