import { z } from "zod";

import { readStackSecrets } from "../../core/assess.js";
import { type Fault, FaultsError } from "../../core/fault.js";
import { NO_ZONE_CREDENTIAL } from "../../core/model/gateway.js";
import { apiHeaders, NO_CREDENTIAL } from "../../core/observe/cloudflare.js";
import { openBindingDoor, openHttpDoor } from "../../core/observe/http.js";
import { createFingerprinter } from "../../core/seal/fingerprint.js";
import { bindCredential } from "../../core/seal/gatewayCredential.js";
import { readSettings, stackName } from "../stack.js";
import { EXIT, type Verb } from "../verb.js";

/** What stands on stdin: which credential was planned. Not secret, and different whenever it has to be bound again. */
const plannedSchema = z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/), over: z.string() });
const MOST_BYTES = 64 * 1024;

/**
 * Gives the zone's credential to the gateway's Worker. The engine runs it as a command of the component, so that the value
 * itself is in no input, output or state of the engine: this process decrypts it and sends it to Cloudflare.
 */
export const gatewayBind: Verb = {
  name: "gateway bind",
  summary: "give the zone's credential to the gateway's Worker; run by the engine during up",
  example: "npm run up",
  words: [0, 0],
  options: { stack: { type: "string", short: "s" } },
  optionHelp: [
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
    "                  stdin names the fingerprint that was planned, as the engine sends it",
  ],
  async run({ options, root, env, print }) {
    const { fingerprint } = await planned();
    const stack = stackName(options["stack"], env);
    const [{ settings, settingsFile }, secrets] = await Promise.all([
      readSettings(root, stack),
      readStackSecrets(root, env),
    ]);
    const credential = secrets.cloudflare_zone_token;
    const headers = apiHeaders(env);
    if (settings.cloudflare === undefined || credential === undefined) {
      throw new FaultsError([settings.cloudflare === undefined ? noGateway(settingsFile) : NO_ZONE_CREDENTIAL]);
    }
    if (headers === undefined) {
      throw new FaultsError([{ where: "Cloudflare", ...NO_CREDENTIAL }]);
    }
    if (createFingerprinter(secrets.fingerprint_key).of(credential) !== fingerprint) {
      throw new FaultsError([CHANGED]);
    }
    const { account, worker, policy } = settings.cloudflare;
    const [get, put] = await Promise.all([openHttpDoor(), openBindingDoor()]);
    const target = { account, worker, zoneId: policy.zone.id };
    print(`version ${await bindCredential({ get, put }, headers, target, credential)}`);
    return EXIT.ok;
  },
};

const CHANGED: Fault = {
  where: "secrets/stack.sops.yaml",
  name: "cloudflare_zone_token",
  what: "is not the one that this run has planned to bind",
  repair: "npm run up again, from a checkout that nobody changes meanwhile",
};

function noGateway(settingsFile: string): Fault {
  const repair = `Pulumi.prod.yaml shows an example of the section; add it to ${settingsFile}`;
  return { where: settingsFile, name: "cloudflare", what: "is missing, so there is no gateway", repair };
}

async function planned(): Promise<z.infer<typeof plannedSchema>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) break;
    chunks.push(chunk);
  }
  try {
    return plannedSchema.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    const repair = "npm run up, which runs this with what it has planned";
    throw new FaultsError([{ where: "stdin", what: "does not name the credential that was planned", repair }]);
  }
}
