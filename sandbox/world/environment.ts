import { delimiter, join } from "node:path";

import { cacheRoot } from "../../toolchain/setup.mjs";
import type { SandboxPaths } from "./paths.js";

/** What a sandbox puts into the environment of everything that runs in it. */
export interface EnvironmentParts {
  readonly paths: SandboxPaths;
  readonly binDir: string;
  readonly proxyUrl: string;
  readonly authorityBundle: string;
  readonly authorityFile: string;
  readonly githubCredential: string;
  /** What Cloudflare's provider reads; for a stack without a gateway none. */
  readonly cloudflareCredential?: string;
  readonly agentSocket: string;
  readonly passphrase: string;
  readonly control: { readonly url: string; readonly credential: string };
}

/** Variables of the caller that are kept: the terminal's, and what finds Node, git and the shell's tools. */
const KEPT = ["PATH", "TERM", "COLORTERM", "NO_COLOR", "CI", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/** The sandbox's own variables: everything that must differ from the caller's environment. */
export function sandboxVariables(parts: EnvironmentParts): Record<string, string> {
  const { paths } = parts;
  return {
    HOME: paths.home,
    XDG_CONFIG_HOME: join(paths.home, ".config"),
    XDG_CACHE_HOME: join(paths.home, ".cache"),
    P24_TOOLCHAIN_DIR: cacheRoot(),
    SOPS_AGE_KEY_FILE: join(paths.identities, "dev_radieu.txt"),
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: `file://${paths.backend}?metadata=skip`,
    PULUMI_STACK: "sandbox",
    PULUMI_CONFIG_PASSPHRASE: parts.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    GITHUB_TOKEN: parts.githubCredential,
    ...(parts.cloudflareCredential === undefined ? {} : { CLOUDFLARE_API_TOKEN: parts.cloudflareCredential }),
    HTTPS_PROXY: parts.proxyUrl,
    HTTP_PROXY: parts.proxyUrl,
    https_proxy: parts.proxyUrl,
    http_proxy: parts.proxyUrl,
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
    SSL_CERT_FILE: parts.authorityBundle,
    NODE_EXTRA_CA_CERTS: parts.authorityFile,
    SSH_AUTH_SOCK: parts.agentSocket,
    P24_CONTROL_URL: parts.control.url,
    P24_CONTROL_CREDENTIAL: parts.control.credential,
  };
}

/** A whole environment for a child: nothing of the caller's but a short list. */
export function childEnvironment(parts: EnvironmentParts, caller: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (caller[name] === undefined ? [] : [[name, caller[name]]])));
  return { ...kept, ...sandboxVariables(parts), PATH: `${parts.binDir}${delimiter}${caller["PATH"] ?? ""}` };
}

/** The text of `.sandbox/env`: to be sourced by a POSIX shell; it also goes to the operator's clone. */
export function envFileText(parts: EnvironmentParts): string {
  const quote = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(sandboxVariables(parts)).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [
    "# Written by npm run sandbox. Source it in a POSIX shell:  . .sandbox/env",
    ...lines,
    `export PATH=${quote(parts.binDir)}:"$PATH"`,
    `cd ${quote(parts.paths.work)} || return 1`,
    `echo "sandbox: everything here is emulated on loopback; you are in the operator's clone, $PWD"`,
    "",
  ].join("\n");
}
