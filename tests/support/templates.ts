/** A small copy of the project before its bootstrap: templates, rules with placeholders, settings, and the real sops. */
import { chmod, cp, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import type { Site, Wishes } from "../../cli/init/step.js";
import { parseSettings } from "../../core/model/settings.js";
import { emptyHome, put } from "./sopsFiles.js";
import { useTools } from "./tools.js";

const ROOT = join(__dirname, "../..");

const SETTINGS = `# Kept.
config:
  p24-infra:backend: file://BACKEND
  p24-infra:github: { owner: radieu, repositories: [p24-infra] }
  p24-infra:hosts:
    vps-i1: # IONOS
      address: 192.0.2.1
      hostKey: PENDING
      target: monitoring
`;

const PULUMI = `#!/bin/sh
# Stand-in for pulumi, of a test: its stacks are files of a folder, and what is killed leaves no salt in the settings.
echo "$*" >>"$P24_TEST_PULUMI/calls"
case "$1 $2" in
"version ") echo v3.260.1 ;;
"stack ls") [ ! -e "$P24_TEST_PULUMI/down" ] || exit 255; if [ -e "$P24_TEST_PULUMI/test" ]; then echo '[{"name":"test"}]'; else echo '[]'; fi ;;
"stack init") : >"$P24_TEST_PULUMI/test"; [ -e "$P24_TEST_PULUMI/killed" ] || echo "encryptionsalt: v1:fromInit=" >>Pulumi.test.yaml ;;
"stack export") echo '{"deployment":{"secrets_providers":{"state":{"salt":"v1:fromState="}}}}' ;;
esac
`;

export const NO_WISHES: Wishes = {
  developer: undefined,
  identity: undefined,
  runnerIdentity: undefined,
  recipients: new Map(),
  hostKeys: new Map(),
  admin: "root",
  adminIdentity: undefined,
  values: undefined,
  without: new Set(),
  commit: true,
};

/** Lays it out. Its stack is `test`, with one host. */
export async function layTemplates(root: string): Promise<Site> {
  await useTools();
  for (const name of [".sops.yaml", "inventory.yaml", "secrets"]) {
    await cp(join(ROOT, name), join(root, name), { recursive: true });
  }
  const settings = SETTINGS.replace("BACKEND", join(root, "backend"));
  await Promise.all([
    put(root, "Pulumi.yaml", "name: p24-infra\n"),
    put(root, "Pulumi.test.yaml", settings),
    put(root, "bin/pulumi", PULUMI),
    put(root, "stacks/.keep", ""),
    put(root, "backend/.keep", ""),
  ]);
  await chmod(join(root, "bin/pulumi"), 0o755);
  const raw = {
    github: { owner: "radieu", repositories: ["p24-infra"] },
    hosts: { "vps-i1": { address: "192.0.2.1", hostKey: "PENDING", target: "monitoring" } },
  };
  return {
    root,
    stack: "test",
    settingsFile: "Pulumi.test.yaml",
    settings: parseSettings(raw, "Pulumi.test.yaml", "bootstrap"),
    env: emptyHome(root, {
      PATH: [join(root, "bin"), process.env["PATH"] ?? ""].join(delimiter),
      P24_TEST_PULUMI: join(root, "stacks"),
    }),
    identityFile: undefined,
    wishes: NO_WISHES,
    print: () => undefined,
    ask: undefined,
  };
}

/** The text of a file of it. */
export function textOf(site: Pick<Site, "root">, path: string): Promise<string> {
  return readFile(join(site.root, path), "utf8");
}

/** Replaces in a file of it. */
export async function edit(site: Pick<Site, "root">, path: string, from: string, to: string): Promise<void> {
  await writeFile(join(site.root, path), (await textOf(site, path)).replaceAll(from, to));
}
