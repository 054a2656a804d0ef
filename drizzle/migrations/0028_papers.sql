CREATE TABLE "briefing_files" (
	"tenant_id" uuid NOT NULL,
	"briefing_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"languages" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"sha256" text NOT NULL,
	"pages" integer NOT NULL,
	CONSTRAINT "briefing_files_key" PRIMARY KEY("tenant_id","briefing_id","version","languages")
);
--> statement-breakpoint
CREATE TABLE "briefing_papers" (
	"tenant_id" uuid NOT NULL,
	"briefing_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"approved_at" timestamp (3) with time zone NOT NULL,
	"languages" text NOT NULL,
	"document" jsonb NOT NULL,
	"refused" jsonb,
	"made_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "briefing_papers_key" PRIMARY KEY("tenant_id","briefing_id","version")
);
--> statement-breakpoint
ALTER TABLE "briefing_files" ADD CONSTRAINT "briefing_files_of" FOREIGN KEY ("tenant_id","briefing_id","version") REFERENCES "public"."briefing_papers"("tenant_id","briefing_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing_papers" ADD CONSTRAINT "briefing_papers_of" FOREIGN KEY ("tenant_id","briefing_id") REFERENCES "public"."briefings"("tenant_id","id") ON DELETE no action ON UPDATE no action;