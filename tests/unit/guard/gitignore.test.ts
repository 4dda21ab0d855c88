/**
 * Proves with `git check-ignore` that every place where a tool or a person could leave a value in clear is ignored, so that
 * `git add .` does not take it, and that what belongs into git is not.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "../../..");

function isIgnored(path: string): boolean {
  // --no-index: what is tracked is judged by the rules too.
  const { status } = spawnSync("git", ["check-ignore", "--no-index", "--quiet", "--", path], { cwd: ROOT });
  assert.ok(status === 0 || status === 1, `git check-ignore ended with ${String(status)}`);
  return status === 0;
}

const IGNORED: Readonly<Record<string, readonly string[]>> = {
  "the spec's": ["monitoring/.env", "hostinger/.env", ".env.local"],
  "derived files anywhere": [
    ".env",
    "a/b/.env",
    ".env.previous",
    "monitoring/.env.previous",
    "x/.env.production.local",
    "prod.env",
    "prod.env.bak",
    ".envrc",
    ".direnv/x",
  ],
  "sources in clear": [
    "secrets/shared.yaml",
    "secrets/shared.dec.yaml",
    "secrets/shared.json",
    "secrets/.env",
    "shared.decrypted.yaml",
    "x.plain.yaml",
  ],
  "backups of editors": [
    "secrets/shared.sops.yaml~",
    "secrets/.shared.sops.yaml.swp",
    "secrets/shared.sops.yaml.bak",
    "secrets/#shared.sops.yaml#",
    "secrets/.#shared.sops.yaml",
    ".sops.yaml.orig",
  ],
  "private parts": [
    "bot.pem",
    "personal.key",
    "gha.key",
    "x/id_ed25519",
    "id_rsa",
    "site.p12",
    "team.kdbx",
    "sync.ppk",
    "dev.agekey",
  ],
  "Pulumi's": [".pulumi/stacks/prod.json", "prod.stack.json", "prod.checkpoint.json", "up.plan.json"],
  "wrangler's": [".wrangler/state/x", ".dev.vars", "gateway/.dev.vars.prod"],
  "Vercel's": [".vercel/.env.production.local", ".vercel/project.json"],
  "the sandbox's and the build's": [".sandbox/env", ".sandbox.log", ".build/x", "node_modules/x"],
  "reports and dumps": ["gitleaks-report.json", "npm-debug.log.1", "core.1234", "x.heapsnapshot"],
};

const TRACKED = [
  "secrets/shared.sops.yaml",
  "secrets/README.md",
  ".env.example",
  "monitoring/prod.env.example",
  ".sops.yaml",
  "core/seal/environment.ts",
  "host/p24-host",
  "Pulumi.prod.yaml",
  "core/x.ts",
  "guard/allow.txt",
  "docs/x.md",
];

describe(".gitignore", () => {
  for (const [whose, paths] of Object.entries(IGNORED)) {
    for (const path of paths) {
      it(`lists ${whose}: ${path}`, () => {
        assert.ok(isIgnored(path));
      });
    }
  }
  for (const path of TRACKED) {
    it(`leaves ${path} to git`, () => {
      assert.equal(isIgnored(path), false);
    });
  }
});
