import type { ActionsSecretArgs } from "./actionsSecret.js";
import type { GitHubActionsSecretsArgs } from "./githubActionsSecrets.js";
import type { VpsEnvFileArgs } from "./vpsEnvFile.js";
import type { Assessment, RepositorySeen } from "../core/assess.js";
import { recipientName } from "../core/compare/host.js";
import type { PlaceReport } from "../core/compare/report.js";
import type { HostSettings, Settings } from "../core/model/settings.js";
import { createBoxSealer } from "../core/seal/box.js";
import { sealPayload } from "../core/seal/payload.js";

/**
 * Stands where nothing was sealed: for a secret that needs no write, or whose repository did not show its public part. It
 * is never sent: the engine ignores it for a resource that exists, and GitHub and the hosts would refuse it.
 */
const NOT_SEALED = "(not sealed: nothing to write)";

/** The arguments of one repository's component: every entry of git, sealed for it. */
export async function repositoryArgs(
  seen: RepositorySeen,
  settings: Settings,
  repository: string,
): Promise<GitHubActionsSecretsArgs> {
  const fullName = `${settings.github.owner}/${repository}`;
  const report = reportOf(seen, `github:${fullName}`);
  const observed = seen.repositories.get(fullName);
  const there = observed !== undefined && "seen" in observed ? observed.seen : undefined;
  const box = there?.box;
  const ledger = seen.ledger.github.get(fullName);
  const held = seen.ledger.held.get(fullName);
  const toWrite = new Set(report.names.map(({ name }) => name));
  const isKept = (name: string) => box === undefined || (!toWrite.has(name) && held?.has(name) === true);
  const seal = [...seen.desired.github.keys()].every(isKept) ? undefined : await createBoxSealer();
  const secrets = new Map<string, ActionsSecretArgs>();
  for (const [name, secret] of seen.desired.github) {
    const previous = ledger?.get(name);
    if (box === undefined && previous === undefined) {
      continue; // new, and nothing to seal it with: the report says that the repository is unreachable
    }
    const entry = {
      repository: fullName,
      name,
      fingerprint: seen.fingerprinter.of(secret),
      keyId: seen.fingerprinter.keyId,
    };
    secrets.set(name, {
      repository,
      valueEncrypted: box === undefined || seal === undefined || isKept(name) ? NOT_SEALED : seal(secret, box),
      keyId: box?.keyId ?? "",
      inSync: box === undefined || !toWrite.has(name),
      entry,
      previous: previous === undefined ? undefined : { repository: fullName, name, ...previous },
      seenAt: there?.secrets.get(name),
    });
  }
  return { secrets, gone: { repository: fullName, names: goneNames(seen, fullName) } };
}

/** What the engine would delete although it is not there any more, which GitHub answers with 404. */
function goneNames(seen: RepositorySeen, repository: string): string[] {
  const observed = seen.repositories.get(repository);
  const there = observed !== undefined && "seen" in observed ? observed.seen.secrets : undefined;
  const held = there === undefined ? [] : [...(seen.ledger.held.get(repository) ?? [])];
  return held.filter((name) => !seen.desired.github.has(name) && there?.has(name) === false).sort();
}

/**
 * The arguments of one host's component: the whole `.env`, signed and sealed for the host. Its serial is above the last one that
 * is known, and not below the clock's seconds: somebody else may have written to a host that was not asked.
 */
export async function hostArgs(seen: Assessment, name: string, host: HostSettings): Promise<VpsEnvFileArgs> {
  const report = reportOf(seen, `host:${name}`);
  const observed = seen.hosts.get(name);
  const lastSerial = Math.max(
    observed !== undefined && "seen" in observed ? observed.seen.serial : 0,
    seen.ledger.serials.get(name) ?? 0,
  );
  const serial = Math.max(lastSerial + 1, Math.floor(Date.now() / 1000));
  const inSync = report.status === "in sync";
  const payload = {
    host: name,
    target: host.target,
    serial,
    entries: seen.desired.hosts.get(name) ?? new Map(),
    prune: host.prune,
    recipient: seen.recipients.byName.get(recipientName(name)) ?? "",
  };
  const isKept = inSync && seen.ledger.heldHosts.has(name);
  return {
    connection: host,
    target: host.target,
    payload: isKept ? NOT_SEALED : await sealPayload(payload, seen.stackSecrets.payload_signing_key),
    inSync,
    serial,
    notAsked: observed !== undefined && "notAsked" in observed,
  };
}

function reportOf(seen: Pick<Assessment, "reports">, place: string): PlaceReport {
  const report = seen.reports.find((candidate) => candidate.place === place);
  if (report === undefined) {
    throw new TypeError(`no report for ${place}`);
  }
  return report;
}
