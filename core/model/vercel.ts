import { z } from "zod";

const projectName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,99})$/, "must be a Vercel project's name: lower-case letters, digits, dashes");

/** Projects that Vercel's Git integration deploys (setting `vercel`). */
export const vercelSchema = z.strictObject({
  /** Slug or id of the team that they belong to; left out: the account of the token. */
  team: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be a team's slug or id")
    .exactOptional(),
  /** By name of the project. */
  projects: z.record(
    projectName,
    z.strictObject({
      /** Repository that it is deployed from, without owner: the owner is `github.owner`. */
      repository: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "must be a repository's name, without owner"),
    }),
  ),
});

export type VercelSettings = z.infer<typeof vercelSchema>;
