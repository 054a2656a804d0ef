CREATE TABLE "group_members" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"person_id" uuid,
	"member_group_id" uuid,
	"added_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "group_members_person" UNIQUE("tenant_id","group_id","person_id"),
	CONSTRAINT "group_members_group" UNIQUE("tenant_id","group_id","member_group_id"),
	CONSTRAINT "group_members_one" CHECK (("group_members"."person_id" is null) <> ("group_members"."member_group_id" is null))
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"name_en" text NOT NULL,
	"name_ar" text,
	"about" text,
	"owner_id" uuid NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "groups_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"tenant_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "inbox_key" PRIMARY KEY("tenant_id","consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "deputies" (
	"tenant_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"deputy_id" uuid NOT NULL,
	"from_day" date NOT NULL,
	"to_day" date NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "deputies_key" PRIMARY KEY("tenant_id","person_id","deputy_id","from_day")
);
--> statement-breakpoint
CREATE TABLE "directories" (
	"tid" text NOT NULL,
	"tenant_id" uuid NOT NULL,
	"makes_people" boolean NOT NULL,
	CONSTRAINT "directories_key" PRIMARY KEY("tid","tenant_id")
);
--> statement-breakpoint
CREATE TABLE "directory_rules" (
	"tenant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"role" text NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "directory_rules_key" PRIMARY KEY("tenant_id","kind","value","role")
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"tid" text NOT NULL,
	"oid" text NOT NULL,
	"name_en" text NOT NULL,
	"name_ar" text,
	"email" text,
	"phone" text,
	"time_zone" text,
	"language" text,
	"entity_id" uuid,
	"manager_id" uuid,
	"clearance" text NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"signed_in_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "people_tenant_id" UNIQUE("tenant_id","id"),
	CONSTRAINT "people_identity" UNIQUE("tenant_id","tid","oid")
);
--> statement-breakpoint
CREATE TABLE "person_roles" (
	"tenant_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"role" text NOT NULL,
	"source" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "person_roles_key" PRIMARY KEY("tenant_id","person_id","role","source")
);
--> statement-breakpoint
CREATE TABLE "reference" (
	"name" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "roles" (
	"key" text PRIMARY KEY NOT NULL,
	"inherits" text[] NOT NULL,
	"permissions" text[] NOT NULL
);
--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_in" FOREIGN KEY ("tenant_id","group_id") REFERENCES "public"."groups"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_child" FOREIGN KEY ("tenant_id","member_group_id") REFERENCES "public"."groups"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_owner" FOREIGN KEY ("tenant_id","owner_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deputies" ADD CONSTRAINT "deputies_person" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deputies" ADD CONSTRAINT "deputies_deputy" FOREIGN KEY ("tenant_id","deputy_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "directories" ADD CONSTRAINT "directories_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "directory_rules" ADD CONSTRAINT "directory_rules_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "people" ADD CONSTRAINT "people_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "people" ADD CONSTRAINT "people_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "people" ADD CONSTRAINT "people_manager" FOREIGN KEY ("tenant_id","manager_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_roles" ADD CONSTRAINT "person_roles_person" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "group_members_of_person" ON "group_members" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "group_members_of_group" ON "group_members" USING btree ("tenant_id","member_group_id");--> statement-breakpoint
CREATE INDEX "groups_names" ON "groups" USING btree ("tenant_id","name_en","id");--> statement-breakpoint
CREATE INDEX "inbox_age" ON "inbox" USING btree ("taken_at");--> statement-breakpoint
CREATE INDEX "people_names" ON "people" USING btree ("tenant_id","name_en","id");--> statement-breakpoint
CREATE INDEX "people_managers" ON "people" USING btree ("tenant_id","manager_id");