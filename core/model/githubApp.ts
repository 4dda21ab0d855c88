import { z } from "zod";

/** How far a permission of an App reaches; every further one includes the ones before it. */
export const LEVELS = ["read", "write", "admin"] as const;
export type Level = (typeof LEVELS)[number];

/** GitHub's name of a permission to how far it reaches. */
export type Permissions = Readonly<Record<string, Level>>;

/** The GitHub App that CI works as (setting `github.app`). */
export const githubAppSchema = z.strictObject({
  /** The App's name in addresses: `https://github.com/apps/SLUG`. */
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,33}$/, "must be the App's name in https://github.com/apps/NAME"),
  /**
   * What it may do in a repository, and nothing beside it: docs.github.com, "Permissions required for GitHub Apps", in
   * the API's spelling (`pull_requests`). Every App may read metadata, listed or not.
   */
  permissions: z.record(
    z.string().regex(/^[a-z]+(?:_[a-z]+)*$/, "must be a permission in the API's spelling, such as pull_requests"),
    z.enum(LEVELS, "must be read or write"),
  ),
  /**
   * The number in the address of its installation, https://github.com/settings/installations/NUMBER. The App's own token
   * does without; a person's classic token needs it to see what the installation covers.
   */
  installation: z.int().positive().exactOptional(),
});

export type GitHubAppSettings = z.infer<typeof githubAppSchema>;
