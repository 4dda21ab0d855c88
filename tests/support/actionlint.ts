/** The real actionlint on a folder that is a repository to it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { type Ended, run } from "../../core/process.js";
import { temporaryFolder } from "./folder.js";

export interface Actionlint {
  readonly folder: () => string;
  /** What it says of `.github` in the folder; its own checks alone, whatever else is on PATH. */
  readonly lint: () => Promise<Ended>;
}

/** Call it inside `describe`. */
export function useActionlint(): Actionlint {
  const folder = temporaryFolder();
  let actionlint = "";
  before(async () => {
    const { ensureToolchain } = await import("../../toolchain/setup.mjs");
    const { tools } = await ensureToolchain({ only: ["actionlint"], quiet: true });
    actionlint = tools.find(({ name }) => name === "actionlint")?.location ?? "";
    await mkdir(join(folder(), ".git"));
  });
  const lint = () => run(actionlint, ["-no-color", "-oneline", "-shellcheck=", "-pyflakes="], { cwd: folder() });
  return { folder, lint };
}
