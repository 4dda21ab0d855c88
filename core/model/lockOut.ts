import type { Fault } from "../fault.js";
import type { Recipients } from "./recipients.js";

/** Anchors of .sops.yaml that name people begin like this: the spec's `dev_radieu`. */
const DEVELOPER = /^dev_/;

/**
 * By which rules somebody could be locked out: every rule needs two independent recipients, one of them a developer's, and
 * each recipient must be enough to open a file. Two recipients are independent when no single lost identity takes both, so
 * one identity under two names counts once.
 *
 * Nothing that writes to a place stops for it: an `up` makes a lock-out no worse, and an urgent rotation must get through.
 * The hook and CI refuse the change itself (guard/rules/recipients.mjs holds the same rule without a YAML parser).
 */
export function lockOutFaults({ byName, rules }: Pick<Recipients, "byName" | "rules">): Fault[] {
  const developers = developersOf(byName);
  return rules.flatMap(({ name, recipients, split }) => {
    const fault = (what: string): Fault => ({ where: ".sops.yaml", name, what, repair: REPAIR });
    return [
      ...(split ? [fault("splits its files over groups, so that no recipient alone opens them")] : []),
      ...(recipients.size < 2 ? [fault("has fewer than two recipients: one lost identity would lose its files")] : []),
      ...([...recipients].some((recipient) => developers.has(recipient))
        ? []
        : [fault("has no developer (an anchor &dev_…) among its recipients")]),
    ];
  });
}

const REPAIR =
  "name a developer's and at least one other recipient in one group of its key_groups, then sops updatekeys on each of its files";

/** The recipients of people. */
export function developersOf(byName: Recipients["byName"]): Set<string> {
  return new Set([...byName].filter(([name]) => DEVELOPER.test(name)).map(([, recipient]) => recipient));
}
