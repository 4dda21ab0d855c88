/** What the stand-in of the command plugin promises beyond the official one: it says what it is, and it leaks nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigureRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import type { ConfigureResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { until } from "../../support/until.js";
import { ask, startPlugin, type PluginUnderTest } from "./harness.js";
import { replay, type Case } from "./replay.js";

const file = join(__dirname, "../../../sandbox/plugins/command/pulumi-resource-command");
const standIn: PluginUnderTest = { file, official: false, title: "stand-in" };
const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
const announcement = "command plugin: stand-in of this repository, not the official one";

describe("stand-in of the command plugin", () => {
  it("says in every run that it is one, and writes nothing but its port", async () => {
    const plugin = await startPlugin(standIn, env);
    try {
      await ask<ConfigureRequest, ConfigureResponse>(
        (q, done) => plugin.client.configure(q, done),
        new ConfigureRequest(),
      );
      assert.deepEqual(plugin.logs, [{ severity: "info", message: announcement, status: false }]);
      assert.match(plugin.output(), /^\d+\n$/);
    } finally {
      await plugin.close();
    }
  });

  it("starts through a link and from any folder", async () => {
    const dir = mkdtempSync(join(tmpdir(), "p24-plugin-"));
    try {
      const link = join(dir, "pulumi-resource-command");
      symlinkSync(file, link);
      const plugin = await startPlugin({ ...standIn, file: link }, env);
      await plugin.close();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("ends when its engine is gone", async () => {
    // The shell stands for an engine that is killed: the plugin becomes an orphan once it has told its port.
    const shell = spawn("/bin/sh", ["-c", '"$0" & echo $!; read line', file], {
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let text = "";
    await new Promise<void>((resolve) =>
      shell.stdout.on("data", (d: Buffer) => {
        text += String(d);
        if (text.split("\n").length > 2) resolve();
      }),
    );
    shell.stdin.end();
    const closed = new Promise((resolve) => shell.once("exit", resolve));
    const pid = Number(text.split("\n")[0]);
    await closed;
    const alive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await until("the plugin ends", () => !alive(), { forMs: 10_000 });
  });

  const connection = { host: "127.0.0.1", port: "$PORT", user: "ops", dialErrorLimit: 1, perDialTimeout: 5 };

  it("fails when a command succeeds without having taken its input, as the official one does most of the time", async () => {
    const plugin = await startPlugin(standIn, env);
    try {
      const news = { create: "test:deaf", stdin: "$MUCH", connection };
      const start = (): Promise<typeof plugin> => Promise.resolve(plugin);
      const answer = await replay({ it: "", call: "create", host: {}, news, answer: null }, start);
      assert.equal((answer as { error: string }).error, 'EOF: running "test:deaf":\n');
    } finally {
      await plugin.close();
    }
  });

  const canary = "canary-7b1f";
  const faults: [string, Partial<Case>][] = [
    ["a refused password", { host: { auth: "password" }, news: { connection: { ...connection, password: canary } } }],
    ["a private key that is none", { host: {}, news: { connection: { ...connection, privateKey: canary } } }],
    [
      "a wrong word for a private key",
      { host: {}, news: { connection: { ...connection, privateKey: "$LOCKED", privateKeyPassword: canary } } },
    ],
    ["a refused environment", { host: {}, news: { environment: { A: canary }, connection } }],
    [
      "a failed command with stdin",
      { host: {}, news: { create: "cat >/dev/null; exit 1", stdin: canary, connection } },
    ],
    ["a field that nobody knows", { news: { stdin: canary, pasword: canary, connection } }],
  ];
  it("shows no value, whatever fails", async () => {
    const plugin = await startPlugin(standIn, env);
    try {
      for (const [what, c] of faults) {
        const news = { create: "echo hi", ...c.news };
        const start = (): Promise<typeof plugin> => Promise.resolve(plugin);
        const answer = await replay({ it: what, call: "create", ...c, news, answer: null }, start);
        const { error } = answer as { error: string };
        assert.ok(error.length > 0, what);
        assert.ok(!JSON.stringify([error, plugin.logs, plugin.output()]).includes(canary), what);
      }
    } finally {
      await plugin.close();
    }
  });
});
