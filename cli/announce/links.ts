import { appendFile } from "node:fs/promises";

import type { Links } from "../../core/announce/message.js";

/** The run's page, from what GitHub puts into a job's environment: docs.github.com, "Default environment variables". */
export function linksOf(repository: string, env: NodeJS.ProcessEnv): Links {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: own, GITHUB_RUN_ID: id } = env;
  const isRun = server !== undefined && own !== undefined && /^\d+$/.test(id ?? "");
  return { repository, run: isRun ? `${server}/${own}/actions/runs/${id ?? ""}` : undefined };
}

/** Adds to the run's summary page, where there is one. */
export async function summarize(text: string, env: NodeJS.ProcessEnv): Promise<void> {
  const file = env["GITHUB_STEP_SUMMARY"];
  if (file !== undefined && file !== "") {
    await appendFile(file, `${text}\n`);
  }
}
