import type { Verb } from "../verb.js";

/** All verbs, in the order of the list that `p24 --help` prints, each with its file here. */
const FILES: Readonly<Record<string, () => object>> = {
  init: () => require("./init.js") as object,
  doctor: () => require("./doctor.js") as object,
  audit: () => require("./audit.js") as object,
  status: () => require("./status.js") as object,
  report: () => require("./report.js") as object,
  pulumi: () => require("./pulumi.js") as object,
  add: () => require("./add.js") as object,
  set: () => require("./set.js") as object,
  remove: () => require("./remove.js") as object,
  rotate: () => require("./rotate.js") as object,
  confirm: () => require("./confirm.js") as object,
  drill: () => require("./drill.js") as object,
  "log check": () => require("./logCheck.js") as object,
  log: () => require("./log.js") as object,
  leak: () => require("./leak.js") as object,
  retire: () => require("./retire.js") as object,
  onboard: () => require("./onboard.js") as object,
  offboard: () => require("./offboard.js") as object,
  rekey: () => require("./renewIdentity.js") as object,
  import: () => require("./import.js") as object,
  "host install": () => require("./hostInstall.js") as object,
  "hook install": () => require("./hookInstall.js") as object,
  "workflows migrate": () => require("./workflowsMigrate.js") as object,
  guard: () => require("./guard.js") as object,
  "history audit": () => require("./historyAudit.js") as object,
  "gateway bind": () => require("./gatewayBind.js") as object,
  "repository guard": () => require("./repositoryGuard.js") as object,
  "catch-up": () => require("./catchUp.js") as object,
  "announce sync": () => require("./announceSync.js") as object,
  "announce drift": () => require("./announceDrift.js") as object,
  take: () => require("./take.js") as object,
  "announce preview": () => require("./announcePreview.js") as object,
  exec: () => require("./exec.js") as object,
};

export const VERB_NAMES = Object.keys(FILES);

/** The verb of that name. Its file is loaded and no other: all together take several times as long as to start Node. */
export function findVerb(name: string): Verb | undefined {
  const exported = Object.hasOwn(FILES, name) ? FILES[name]?.() : undefined;
  const verbs = Object.values((exported ?? {}) as Record<string, Partial<Verb> | undefined>);
  return verbs.find((one) => one?.name === name) as Verb | undefined;
}
