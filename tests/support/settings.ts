/** Settings that are in order, for tests that then change one thing. No place in them exists. */
import { parseSettings, type Settings } from "../../core/model/settings.js";
import { sourcePath, type Sources } from "../../core/model/sources.js";
import { sourceOf } from "./secrets.js";

export const SETTINGS_FILE = "Pulumi.test.yaml";

const HOST_IDENTITY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE";

/** As they stand in the settings file. */
export function rawSettings() {
  return {
    github: { owner: "radieu", repositories: ["p24-infra"] },
    hosts: {
      "vps-i1": { address: "192.0.2.1", hostKey: HOST_IDENTITY, target: "monitoring" },
      "vps-h1": { address: "192.0.2.2", hostKey: HOST_IDENTITY, target: "hostinger" },
    },
  };
}

export function sampleSettings(): Settings {
  return parseSettings(rawSettings(), SETTINGS_FILE);
}

/** The opened sources by file, as plain values. */
export interface Git {
  readonly shared?: Record<string, string>;
  readonly github?: Record<string, string>;
  readonly stack?: Record<string, string>;
  readonly hosts?: Record<string, Record<string, string>>;
}

/** The sources of {@link sampleSettings}' stack. */
export function sourcesOf(git: Git): Sources {
  const open = (name: string, values: Record<string, string> = {}) => sourceOf(sourcePath(name), values);
  return {
    shared: open("shared", git.shared),
    github: open("github-actions", git.github),
    stack: open("stack", git.stack),
    hosts: new Map(Object.keys(rawSettings().hosts).map((host) => [host, open(host, git.hosts?.[host])])),
  };
}
