import * as pulumi from "@pulumi/pulumi";

import { engineLedger } from "./components/engineLedger.js";
import { GitHubActionsSecrets } from "./components/githubActionsSecrets.js";
import { History } from "./components/history.js";
import { declareProviders } from "./components/providers.js";
import { VpsEnvFile } from "./components/vpsEnvFile.js";
import { type Assessment, type RepositorySeen, survey } from "./core/assess.js";
import { type Further, verifiedReports } from "./core/further.js";
import { hostArgs, repositoryArgs } from "./components/args.js";
import { compactReport, renderReport } from "./core/compare/render.js";
import { isConverged, type PlaceReport, settled } from "./core/compare/report.js";
import { confirm } from "./core/confirmed.js";
import { type Fault, FaultsError, renderFault } from "./core/fault.js";
import { checkoutFaults, readOverrides } from "./core/gate.js";
import { endWithTheEngine, failUnlessDone } from "./core/lifeline.js";
import { gatewayPlace } from "./core/model/gateway.js";
import { parseSettings, type Settings, SETTINGS } from "./core/model/settings.js";
import type { Observed } from "./core/observe/github.js";
import { type HostObservation, READS_AGAIN } from "./core/observe/host.js";

/** Loads, compares, declares one component a place, and reports. docs/architecture.md draws the flow. */
async function program(): Promise<Record<string, unknown>> {
  const stack = pulumi.getStack();
  const settingsFile = `Pulumi.${stack}.yaml`;
  const settings = parseSettings(rawSettings(), settingsFile);
  const providers = declareProviders(settings);
  const context = { root: process.cwd(), stack, settings, settingsFile, env: process.env };
  const places = survey(context, engineLedger(stack));
  const ground = await places.ground;
  checkCheckout(checkoutFaults(ground.checkout, readOverrides(process.env)));
  new History("history", { attempted: ground.checkout.head, former: ground.former });

  const confirmed = new Map<string, Promise<boolean>>();
  const declareRepository = async (seen: RepositorySeen) => {
    for (const repository of seen.repositories.keys()) {
      const [, name = ""] = repository.split("/");
      const component = new GitHubActionsSecrets(name, await repositoryArgs(seen, settings, name), { providers });
      confirmed.set(`github:${repository}`, component.confirmed);
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
    confirmed.set(`host:${name}`, component.confirmed);
  }
  await Promise.all(later.map(declareRepository));
  for (const [place, written] of await declareFurther(settings, seen.further, stack, providers)) {
    confirmed.set(place, written);
  }
  failPreview(seen.further);
  return pulumi.runtime.isDryRun() ? outputs(seen.reports, seen.ledger.converged) : outcome(seen, confirmed);
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

/**
 * What the stack remembers of this run. A place that a person must repair makes the run fail, after all others. The first
 * run, and one after a run that did not end well, confirm nothing: there is more to see than this run has done. Nor does a
 * host whose program is older than its part in that.
 */
async function outcome(
  seen: Assessment,
  confirmed: ReadonlyMap<string, Promise<boolean>>,
): Promise<Record<string, unknown>> {
  const report = await Promise.all(seen.reports.map((place) => afterwards(place, confirmed.get(place.place))));
  const told = new Set(verifiedReports(seen.further).flatMap(({ faults }) => faults));
  for (const fault of report.flatMap(({ faults }) => faults).filter((each) => !told.has(each))) {
    await pulumi.log.error(renderFault(fault));
  }
  const isEqual = report.every(isConverged);
  const { attempted, converged } = seen.ledger;
  if (isEqual && converged !== undefined && converged === attempted && [...seen.hosts.values()].every(readsAgain)) {
    await confirm(report, seen.checkout.head, process.env);
  }
  return outputs(report, isEqual ? seen.checkout.head : converged);
}

function readsAgain(host: Observed<HostObservation>): boolean {
  return "seen" in host && host.seen.program >= READS_AGAIN;
}

function outputs(reports: readonly PlaceReport[], converged: string | undefined): Record<string, unknown> {
  return { report: compactReport(reports), ...(converged === undefined ? {} : { converged }) };
}

async function afterwards(report: PlaceReport, confirmed: Promise<boolean> | undefined): Promise<PlaceReport> {
  const written = (await confirmed) === true && report.faults.length === 0;
  return written ? settled(report) : report;
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
