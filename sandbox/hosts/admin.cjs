#!/usr/bin/env node
// Stand-in of the p24 sandbox for the system's ssh, as an admin of a bare host uses it: knows the one script of
// `p24 host install` (host/install) and nothing else. Instead of running it as root it leaves on the sandbox's host the
// files that the script would; that the script does so on a Debian machine is proved in the lab. Which hosts there are
// stands in hosts.json beside it, by port.
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const NAMES = ["mode", "host", "target_line", "user", "sync_public", "signer", "observers"];

const args = process.argv.slice(2);
const hosts = JSON.parse(readFileSync(join(__dirname, "hosts.json"), "utf8"));
const host = hosts[args[args.indexOf("-p") + 1]];
if (host === undefined || args.at(-2) !== "root@127.0.0.1" || args.at(-1) !== "sh -s") {
  process.stderr.write("ssh (stand-in of the p24 sandbox): knows the sandbox's hosts, root and `sh -s` only\n");
  process.exit(255);
}
process.stderr.write(`ssh (stand-in of the p24 sandbox): takes host/install's place on ${host.name}\n`);

const script = readFileSync(0, "utf8");
// The parts stand before it, the host program's own text among them.
const assignments = script.slice(0, script.indexOf("#!/bin/sh\n# host/install:"));
const shown = spawnSync("sh", ["-s"], {
  input: `${assignments}\nprintf '%s\\0' ${NAMES.map((name) => `"$${name}"`).join(" ")}\n`,
  encoding: "utf8",
});
const parts = Object.fromEntries(shown.stdout.split("\0").map((text, at) => [NAMES[at], text]));

const at = (path) => join(host.root, path);
const wanted = {
  "etc/p24-host/signer.pem": parts.signer,
  "etc/p24-host/observers": parts.observers,
  [`home/${parts.user}/.ssh/authorized_keys`]: `restrict,command="/usr/local/sbin/p24-host gate" ${parts.sync_public}\n`,
};
const open = Object.entries(wanted).filter(
  ([path, text]) => !existsSync(at(path)) || readFileSync(at(path), "utf8") !== text,
);
const say = (line) => process.stdout.write(`${line}\n`);
for (const [path, text] of open) {
  say(`change settings writes /${path}`);
  if (parts.mode === "apply") {
    writeFileSync(at(path), text);
    say(`done settings writes /${path}`);
  }
}
if (open.length === 0) {
  say("ok settings as they should be");
}
if (open.length === 0 || parts.mode === "apply") {
  say(`public ${host.recipient}`);
}
say(`hostkey ${host.hostKey}`);
say("end");
