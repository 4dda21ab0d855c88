import type { Settings } from "../../core/model/settings.js";
import type { Step } from "./step.js";
import { app } from "./steps/app.js";
import { commit } from "./steps/commit.js";
import { developer } from "./steps/developer.js";
import { generated } from "./steps/generated.js";
import { hook } from "./steps/hook.js";
import { host } from "./steps/host.js";
import { others } from "./steps/others.js";
import { repository } from "./steps/repository.js";
import { roots } from "./steps/roots.js";
import { runner } from "./steps/runner.js";
import { safe } from "./steps/safe.js";
import { source } from "./steps/source.js";
import { stack } from "./steps/stack.js";
import { tools } from "./steps/tools.js";
import { values } from "./steps/values.js";
import { world } from "./steps/world.js";

/**
 * The bootstrap from a copy of the project to the first `up`, in the order in which one thing needs another: a host learns
 * the public parts of what stack.sops.yaml holds, and the files that a host opens need its recipient.
 */
export function bootstrapSteps({ hosts }: Pick<Settings, "hosts">): Step[] {
  const names = Object.keys(hosts);
  const sent = ["shared", "github-actions", ...names];
  const all = ["stack", ...sent];
  return [
    tools,
    repository,
    developer,
    runner,
    source("stack"),
    generated,
    values("stack", all),
    ...names.map(host),
    ...sent.map(source),
    ...sent.map((name) => values(name, all)),
    others(all),
    stack,
    hook,
    commit,
    app,
    roots,
    safe,
    world,
  ];
}
