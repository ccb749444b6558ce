-- The bodies are float32 noise: trying to compress them costs time and saves nothing.
ALTER TABLE "chunks" ALTER COLUMN "body" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "buckets" ALTER COLUMN "body" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "checkpoint_parts" ALTER COLUMN "body" SET STORAGE EXTERNAL;
