/** The workflows of tests/fixtures/workflows: a checkout before its migration, and after it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { App } from "../../core/workflows/appStep.js";
import { secretUses } from "../../core/workflows/consumers.js";
import { PERSONAL } from "../../core/workflows/migrate.js";
import { readWorkflow, type WorkflowText } from "../../core/workflows/workflow.js";

export const FIXTURES = join(__dirname, "../fixtures/workflows");
export const BEFORE = join(FIXTURES, "before");
export const AFTER = join(FIXTURES, "after");

/** The App of spec 03. */
export const APP: App = { owner: "radieu", repositories: ["p24-infra", "et-operational-platform"] };

/** Every workflow and action below a folder. */
export function filesIn(folder: string): WorkflowText[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.ya?ml$/.test(path))
    .sort()
    .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(folder, path), "utf8") }));
}

/** `file:line` of every use of a personal token, found without the planner. */
export function personalUses(files: readonly WorkflowText[]): string[] {
  return files.flatMap((file) =>
    secretUses(readWorkflow(file))
      .filter(({ name }) => name !== undefined && PERSONAL.has(name))
      .map(({ line }) => `${file.path}:${String(line)}`),
  );
}
