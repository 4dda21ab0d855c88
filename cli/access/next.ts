import { sourcePath } from "../../core/model/sources.js";
import { commitCommand } from "../commit.js";
import type { AccessChanged } from "./change.js";
import type { AccessPlace } from "./place.js";

/** What a change of recipients leaves to a person, in its order; `before` the push. */
export function nextSteps(
  place: AccessPlace,
  done: AccessChanged,
  message: string,
  before: readonly string[] = [],
): string[] {
  return [
    ...(done.commit === undefined && done.files.length > 0 ? [commitCommand(done.files, message)] : []),
    ...hostSteps(place, done),
    ...before,
    "git push",
  ];
}

/** Who opens stack.sops.yaml is who may read what the hosts answer: each has a list of them, which only its root changes. */
function hostSteps({ settings }: AccessPlace, { files }: AccessChanged): string[] {
  return files.includes(sourcePath("stack"))
    ? Object.keys(settings.hosts).map((host) => `npm run p24 -- host install ${host}`)
    : [];
}

/** The steps below a heading, for people. */
export function renderSteps(heading: string, steps: readonly string[]): string {
  return [heading, ...steps.map((step) => `  ${step}`)].join("\n");
}
