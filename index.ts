import * as pulumi from "@pulumi/pulumi";

import { outcome, outputs, type Written } from "./components/ending.js";
import { engineLedger } from "./components/engineLedger.js";
import { GitHubActionsSecrets } from "./components/githubActionsSecrets.js";
import { History } from "./components/history.js";
import { declareProviders } from "./components/providers.js";
import { VpsEnvFile } from "./components/vpsEnvFile.js";
import { type RepositorySeen, survey } from "./core/assess.js";
import { type Further, verifiedReports } from "./core/further.js";
import { hostArgs, repositoryArgs } from "./components/args.js";
import { renderReport } from "./core/compare/render.js";
import { isConverged } from "./core/compare/report.js";
import { type Fault, FaultsError, renderFault } from "./core/fault.js";
import { checkoutFaults, readOverrides } from "./core/gate.js";
import { endWithTheEngine, failUnlessDone } from "./core/lifeline.js";
import { gatewayPlace } from "./core/model/gateway.js";
import { parseSettings, type Settings, SETTINGS } from "./core/model/settings.js";

/** Loads, compares, declares one component a place, and reports. docs/architecture.md draws the flow. */
async function program(): Promise<Record<string, unknown>> {
  const stack = pulumi.getStack();
  const settingsFile = `Pulumi.${stack}.yaml`;
  const settings = parseSettings(rawSettings(), settingsFile);
  const providers = declareProviders(settings);
  const context = { root: process.cwd(), stack, settings, settingsFile, env: process.env };
  const places = survey(context, engineLedger(stack), { writes: !pulumi.runtime.isDryRun() });
  const ground = await places.ground;
  checkCheckout(checkoutFaults(ground.checkout, readOverrides(process.env)));
  new History("history", { attempted: ground.checkout.head, former: ground.former });

  const written: Written = { confirmed: new Map(), replaced: new Map() };
  const declareRepository = async (seen: RepositorySeen) => {
    for (const repository of seen.repositories.keys()) {
      const [, name = ""] = repository.split("/");
      const component = new GitHubActionsSecrets(name, await repositoryArgs(seen, settings, name), { providers });
      written.confirmed.set(`github:${repository}`, component.confirmed);
    }
  };
  // Where nothing is written the engine can begin. Else hosts are first: it works on a few resources at a time, and
  // GitHub's are paced at one a second.
  const later: RepositorySeen[] = [];
  const declared = [...places.repositories.values()].map(async (repository) => {
    const seen = await repository;
    await (pulumi.runtime.isDryRun() || seen.reports.every(isConverged) ? declareRepository(seen) : later.push(seen));
  });
  const [seen] = await Promise.all([places.whole, ...declared]);
  for (const warning of seen.warnings) {
    await pulumi.log.warn(renderFault(warning));
  }
  await pulumi.log.info(`git compared with every place:\n${renderReport(seen.reports)}`);
  for (const [name, host] of Object.entries(settings.hosts)) {
    const component = new VpsEnvFile(name, await hostArgs(seen, name, host), { providers });
    written.confirmed.set(`host:${name}`, component.confirmed);
    written.replaced.set(name, component.replaced);
  }
  await Promise.all(later.map(declareRepository));
  for (const [place, confirmed] of await declareFurther(settings, seen.further, stack, providers)) {
    written.confirmed.set(place, confirmed);
  }
  failPreview(seen.further);
  return pulumi.runtime.isDryRun() ? outputs(seen.reports, seen.ledger) : outcome(seen, written);
}

/**
 * The places beyond repositories and hosts; a component is loaded when the settings have its section. Gives what becomes of
 * those that are written.
 */
async function declareFurther(
  { github }: Settings,
  { app, vercel, gateway }: Further,
  stack: string,
  providers: ReturnType<typeof declareProviders>,
): Promise<Map<string, Promise<boolean>>> {
  const written = new Map<string, Promise<boolean>>();
  if (app !== undefined && github.app !== undefined) {
    const { GitHubApp } = require("./components/githubApp.js") as typeof import("./components/githubApp.js");
    await new GitHubApp(github.app.slug, app).told;
  }
  if (vercel !== undefined) {
    const { VercelIntegrationCheck } =
      require("./components/vercelIntegrationCheck.js") as typeof import("./components/vercelIntegrationCheck.js");
    await new VercelIntegrationCheck("vercel", vercel).told;
  }
  if (gateway !== undefined) {
    const { declareGateway } = require("./components/gateway.js") as typeof import("./components/gateway.js");
    written.set(gatewayPlace(gateway.wanted.gateway), declareGateway(gateway, stack, { providers }));
  }
  return written;
}

/** How a program ends that has told its errors already (the SDK's cmd/run/index.ts): the engine adds none of its own. */
const TOLD_ERRORS = 32;

/**
 * What is wrong at a place that is only verified makes a preview red: no `up` repairs it. An `up` goes on, converges the
 * other places, and `p24` ends it red.
 */
function failPreview(further: Further): void {
  if (pulumi.runtime.isDryRun() && verifiedReports(further).some(({ faults }) => faults.length > 0)) {
    process.exitCode = TOLD_ERRORS;
  }
}

/** The settings as the engine has them, so that `pulumi config` and `--config` count. */
function rawSettings(): Record<string, unknown> {
  const config = new pulumi.Config();
  return Object.fromEntries(SETTINGS.map((name) => [name, config.get(name)]));
}

/** An `up` does not start from a checkout that would undo or leave out commits; a preview only warns. */
function checkCheckout(faults: readonly Fault[]): void {
  if (!pulumi.runtime.isDryRun() && faults.length > 0) {
    throw new FaultsError(faults);
  }
  for (const fault of faults) {
    void pulumi.log.warn(renderFault(fault));
  }
}

export = async () => {
  endWithTheEngine();
  try {
    return await failUnlessDone(program());
  } catch (error) {
    if (error instanceof FaultsError) {
      throw new pulumi.RunError(error.message);
    }
    throw error;
  }
};
