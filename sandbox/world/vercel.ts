import { createVercel, type VercelWorld } from "../vercel/index.js";
import { OWNER } from "./github.js";

/** The team's project at the emulated Vercel, and the repository that it is deployed from. */
export const VERCEL = {
  team: "et-team",
  project: "et-operational-platform",
  repository: "et-operational-platform",
} as const;

/** The team's account at the emulated Vercel, with its project connected as it should be. */
export function createTeamVercel(): VercelWorld {
  const vercel = createVercel(VERCEL.team);
  vercel.addProject({ name: VERCEL.project, repository: `${OWNER}/${VERCEL.repository}` });
  return vercel;
}

/** The settings' section; for a stack whose settings name the project's repository. */
export function vercelSettings(repositories: readonly string[]): Readonly<Record<string, unknown>> {
  return repositories.includes(VERCEL.repository)
    ? { vercel: { team: VERCEL.team, projects: { [VERCEL.project]: { repository: VERCEL.repository } } } }
    : {};
}
