import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { recipientName } from "../../../core/compare/host.js";
import { FaultsError } from "../../../core/fault.js";
import { replaceFile } from "../../../core/files.js";
import { PENDING } from "../../../core/model/settings.js";
import { withValueAt } from "../../../core/model/yamlText.js";
import type { Answer } from "../../host/answer.js";
import { callHost, isWaiting } from "../../host/call.js";
import { readSite } from "../../host/site.js";
import { readSettings } from "../../stack.js";
import { isUnfilled, readRules, writeRecipient } from "../rules.js";
import { done, type Site, type Step, toDo } from "../step.js";
import { openOf, waitsFor } from "../walk.js";

/**
 * A host is ready for the sync, and git knows its two public identities: its age recipient and its SSH identity (the spec's
 * steps 2, 3 and 5). `host install` does the first over an admin's SSH; what was done elsewhere comes by flags.
 */
export function host(name: string): Step {
  const anchor = recipientName(name);
  return {
    name: `host ${name}`,
    async look(site, earlier) {
      const { root, stack, wishes } = site;
      const [{ settings, settingsFile }, rules] = await Promise.all([
        readSettings(root, stack, "bootstrap"),
        readRules(root),
      ]);
      const needsRecipient = isUnfilled(rules, anchor);
      const needsPin = settings.hosts[name]?.hostKey === PENDING;
      if (!needsRecipient && !needsPin) {
        return done(`&${anchor} and its SSH identity are known`);
      }
      const recipient = needsRecipient ? wishes.recipients.get(anchor) : undefined;
      const hostKey = needsPin ? wishes.hostKeys.get(name) : undefined;
      if (recipient !== undefined || hostKey !== undefined) {
        return toDo("takes over what was given of it", () => take(site, name, settingsFile, { recipient, hostKey }));
      }
      const open = openOf(earlier, "encrypt stack", "own values", "values stack");
      if (open.length > 0) {
        return waitsFor(open, "a host learns the public parts of the sync and of the payload signer");
      }
      return toDo(
        `installs it over SSH as ${wishes.admin}@${settings.hosts[name]?.address ?? ""}, and takes over its public identities`,
        () => install(site, name, settingsFile, { needsRecipient, needsPin }),
      );
    },
  };
}

interface Identities {
  readonly recipient: string | undefined;
  readonly hostKey: string | undefined;
}

async function install(
  site: Site,
  name: string,
  settingsFile: string,
  wanted: { readonly needsRecipient: boolean; readonly needsPin: boolean },
): Promise<void> {
  const { root, stack, env, wishes } = site;
  const described = await readSite(root, stack, name, env);
  const identity = wishes.adminIdentity === undefined ? {} : { identity: wishes.adminIdentity };
  const login = { name, host: described.host, admin: wishes.admin, ...identity };
  let answer: Answer = await callHost(described, login, "plan", env);
  if (isWaiting(answer)) {
    answer = await callHost(described, login, "apply", env);
  }
  if (answer.faults.length > 0) {
    throw new FaultsError(answer.faults);
  }
  for (const hole of answer.holes) {
    site.print(`  warning: host ${name}: ${hole}`);
  }
  const [recipient, hostKey] = [answer.recipient, answer.hostKey];
  if (recipient === undefined || hostKey === undefined) {
    const what = "was installed, but did not tell its public identities";
    throw new FaultsError([{ where: `host ${name}`, what, repair: `npm run p24 -- host install ${name}` }]);
  }
  await take(site, name, settingsFile, {
    recipient: wanted.needsRecipient ? recipient : undefined,
    hostKey: wanted.needsPin ? hostKey : undefined,
  });
}

/** Each is one file's replacement; a run that is killed between the two finds the other one open. */
async function take(
  { root }: Site,
  name: string,
  settingsFile: string,
  { recipient, hostKey }: Identities,
): Promise<void> {
  if (hostKey !== undefined) {
    await pin(root, settingsFile, name, hostKey);
  }
  if (recipient !== undefined) {
    await writeRecipient(root, recipientName(name), recipient);
  }
}

async function pin(root: string, file: string, name: string, hostKey: string): Promise<void> {
  const path = join(root, file);
  const text = withValueAt(await readFile(path, "utf8"), ["config", "p24-infra:hosts", name, "hostKey"], hostKey);
  if (text === undefined) {
    const repair = `pulumi config set --path p24-infra:hosts.${name}.hostKey "${hostKey}"`;
    throw new FaultsError([
      { where: file, name: `hosts.${name}.hostKey`, what: "is not written as YAML there", repair },
    ]);
  }
  await replaceFile(path, text);
}
