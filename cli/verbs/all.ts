import type { Verb } from "../verb.js";
import { add } from "./add.js";
import { announceDrift } from "./announceDrift.js";
import { announceSync } from "./announceSync.js";
import { catchUp } from "./catchUp.js";
import { audit } from "./audit.js";
import { confirm } from "./confirm.js";
import { doctor } from "./doctor.js";
import { drill } from "./drill.js";
import { exec } from "./exec.js";
import { gatewayBind } from "./gatewayBind.js";
import { guard } from "./guard.js";
import { historyAudit } from "./historyAudit.js";
import { hookInstall } from "./hookInstall.js";
import { hostInstall } from "./hostInstall.js";
import { importVerb } from "./import.js";
import { init } from "./init.js";
import { leak } from "./leak.js";
import { log } from "./log.js";
import { logCheck } from "./logCheck.js";
import { offboard } from "./offboard.js";
import { onboard } from "./onboard.js";
import { pulumi } from "./pulumi.js";
import { rekey } from "./renewIdentity.js";
import { remove } from "./remove.js";
import { report } from "./report.js";
import { repositoryGuard } from "./repositoryGuard.js";
import { retire } from "./retire.js";
import { rotate } from "./rotate.js";
import { set } from "./set.js";
import { status } from "./status.js";
import { workflowsMigrate } from "./workflowsMigrate.js";

/** All verbs, in the order of the list that `p24 --help` prints. `log check` stands before `log`: the longer name counts. */
export const VERBS: readonly Verb[] = [
  init,
  doctor,
  audit,
  status,
  report,
  pulumi,
  add,
  set,
  remove,
  rotate,
  confirm,
  drill,
  logCheck,
  log,
  leak,
  retire,
  onboard,
  offboard,
  rekey,
  importVerb,
  hostInstall,
  hookInstall,
  workflowsMigrate,
  guard,
  historyAudit,
  gatewayBind,
  repositoryGuard,
  catchUp,
  announceSync,
  announceDrift,
  exec,
];
