import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { readRecipients } from "../../core/assess.js";
import { recipientName } from "../../core/compare/host.js";
import { FaultsError } from "../../core/fault.js";
import type { Recipients } from "../../core/model/recipients.js";
import { type HostSettings, installationOf, type Settings } from "../../core/model/settings.js";
import { openSource, sourcePath } from "../../core/model/sources.js";
import { takeStackSecrets } from "../../core/model/stackSecrets.js";
import { syncPublicPart } from "../../core/seal/agent.js";
import { signerPublicPart } from "../../core/seal/payload.js";
import { readSettings } from "../stack.js";
import type { Parts } from "./script.js";

const PROGRAMS = join(__dirname, "../../host");

/** A host as git describes it. */
export interface Site {
  readonly name: string;
  readonly stack: string;
  readonly host: HostSettings;
  readonly parts: Parts;
  /** The text of host/install. */
  readonly installer: string;
  /** The host's recipient in .sops.yaml: the template's, or that of a former identity, until an operator puts it there. */
  readonly recipient: string | undefined;
  /** The sources that are encrypted to the host. */
  readonly sources: readonly string[];
}

/**
 * Reads what a host gets. That hosts are not pinned yet and have the template's recipients is no fault here. Throws a
 * FaultsError.
 */
export async function readSite(root: string, stack: string, name: string, env: NodeJS.ProcessEnv): Promise<Site> {
  const { settings, settingsFile } = await readSettings(root, stack, "bootstrap");
  const [known, host] = findHost(settings, settingsFile, name);
  const names = Object.keys(settings.hosts);
  const recipients = await readRecipients(root, new Set(names.map(recipientName)));
  const source = await openSource(root, sourcePath("stack"), recipients, env);
  const secrets = takeStackSecrets(source);
  const [installer, program] = await Promise.all(
    ["install", "p24-host"].map((file) => readFile(join(PROGRAMS, file), "utf8")),
  );
  const recipient = recipients.byName.get(recipientName(known));
  return {
    name: known,
    stack,
    host,
    parts: {
      host: known,
      target_line: targetLine(host),
      user: host.user,
      sync_public: await syncPublicPart(secrets.sync_ssh_key),
      signer: signerPublicPart(secrets.payload_signing_key),
      observers: [...source.recipients].map((observer) => `${observer}\n`).join(""),
      metrics: installationOf(host).metrics,
      host_program: program ?? "",
    },
    installer: installer ?? "",
    recipient,
    sources: openableBy(recipient, recipients, ["shared", "github-actions", "stack", ...names].map(sourcePath)),
  };
}

/** The name that was given is not repeated: it may be a value that was typed at the wrong place. */
function findHost({ hosts }: Settings, file: string, name: string): [string, HostSettings] {
  const found = Object.entries(hosts).find(([known]) => known === name);
  if (found === undefined) {
    const repair = `p24 host install with one of: ${Object.keys(hosts).join(", ") || "none is there"}`;
    throw new FaultsError([{ where: file, name: "hosts", what: "does not have the one that was named", repair }]);
  }
  return found;
}

/** One line of /etc/p24-host/targets; docs/host-protocol.md, "Files on the host". */
export function targetLine(host: Pick<HostSettings, "target" | "install">): string {
  const { directory, owner, mode, project, timeout, postApply } = installationOf(host);
  return [host.target, directory, owner, mode, project, String(timeout), postApply ?? "-"].join(" ");
}

function openableBy(recipient: string | undefined, recipients: Recipients, paths: readonly string[]): string[] {
  return recipient === undefined ? [] : paths.filter((path) => recipients.ruleFor(path)?.has(recipient) === true);
}
