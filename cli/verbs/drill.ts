import { assess, type Assessment, type Context } from "../../core/assess.js";
import { renderReport } from "../../core/compare/render.js";
import { isConverged } from "../../core/compare/report.js";
import { FaultsError } from "../../core/fault.js";
import { run } from "../../core/process.js";
import { DRILL_LIMIT_S, isInTime, remarkFor, renderDrill, type Step, totalOf } from "../../core/rotation/drill.js";
import { locate, type Located } from "../../core/rotation/locate.js";
import { LOG_FILE } from "../../core/rotation/log.mjs";
import { openPlaces, placesOf } from "../../core/rotation/confirm.js";
import { takeValue, VALUE_HELP, VALUE_OPTIONS } from "../ask.js";
import { commitFiles, refuseChanged } from "../commit.js";
import { changeValue } from "../rotation/change.js";
import { confirmRows } from "../rotation/confirmRows.js";
import { openWorkplace, type Workplace, writeLog } from "../rotation/workplace.js";
import { openStack, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** The whole way of a rotation, timed: the spec's drill. */
export const drill: Verb = {
  name: "drill",
  summary: "rotate a low-stakes secret end to end with each step timed; exit code 5 when it takes five minutes or more",
  example: "npm run p24 -- drill smtp_password",
  words: [1, 1],
  options: { ...VALUE_OPTIONS, json: { type: "boolean" }, stack: { type: "string", short: "s" } },
  optionHelp: [
    "NAME              a key of secrets/*.sops.yaml; its new value must be one that its service takes",
    ...VALUE_HELP,
    "--json            the timed steps as JSON",
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
  ],
  async run(invocation) {
    const { options, rest, root, env } = invocation;
    const place = await openWorkplace(invocation);
    const located = locate(rest[0] ?? "", place.keys);
    refuseProcedure(place, located);
    await refuseChanged(root, env, [located.path, LOG_FILE]);
    const secret = await takeValue(options, located.row);
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      await refuseDrift(stack.context);
      return await timed(place, located, stack.context, secret, invocation);
    } finally {
      await stack.close();
    }
  },
};

function refuseProcedure({ inventory }: Workplace, { key, row }: Located): void {
  if ((inventory.get(key)?.effect ?? "env") !== "env") {
    const what = "needs more than a new value and a restart, so it is none for a drill";
    const repair = `drill another secret, smtp_password say; p24 rotate ${row} walks its procedure`;
    throw new FaultsError([{ where: "inventory.yaml", name: row, what, repair }]);
  }
}

/** A drill measures one rotation, not what else the run would have to repair. */
async function refuseDrift(context: Context): Promise<void> {
  const { reports } = await assess(context);
  const open = reports.filter((report) => !isConverged(report)).map(({ place }) => place);
  if (open.length > 0) {
    const repair = "npm run up, then the drill";
    throw new FaultsError([{ where: open.join(", "), what: "is not equal to git before the drill", repair }]);
  }
}

/** Steps up to the services count; the row is closed behind them. */
async function timed(
  place: Workplace,
  located: Located,
  context: Context,
  secret: Awaited<ReturnType<typeof takeValue>>,
  { options, print, env }: Invocation,
): Promise<ExitCode> {
  const { root } = place;
  const steps: Step[] = [];
  const json = options["json"] === true;
  const step = async (name: string, act: () => Promise<string>) => {
    const began = performance.now();
    const shown = await act();
    steps.push({ name, seconds: (performance.now() - began) / 1000, shown });
    process.stderr.write(`${name}: ${shown}\n`);
  };
  const change = {
    take: () => Promise.resolve(secret),
    reason: "drill",
    message: `fix(secrets): rotate ${located.key}`,
    commit: false,
    now: new Date(),
  };
  await step("edit", async () => {
    await changeValue(place, located, change);
    return `${located.row} in ${located.path}`;
  });
  await step("commit", async () =>
    (await commitFiles(root, env, [located.path, LOG_FILE], change.message)).slice(0, 12),
  );
  await step("preview", async () => `${String(await previewed(context))} resources to change`);
  await step("up", async () => {
    await converged(context);
    return "every place was written";
  });
  let seen: Assessment | undefined;
  await step("verified", async () => {
    seen = await assess(context);
    return verified(located, seen);
  });
  await step("services", async () => Promise.resolve(answering(located, seen as Assessment)));
  const done = await confirmRows(context, seen as Assessment, new Date(), remarkFor(steps));
  await writeLog(root, done.text);
  await commitFiles(root, env, [LOG_FILE], `docs(secrets): confirm ${located.key} in sync`);
  if (json) {
    const table = steps.map(({ name, seconds, shown }) => ({ name, seconds: Number(seconds.toFixed(1)), shown }));
    const sum = { seconds: Number(totalOf(steps).toFixed(1)), limit: DRILL_LIMIT_S, inTime: isInTime(steps) };
    print(JSON.stringify({ secret: located.row, steps: table, ...sum }, undefined, 2));
  } else {
    renderDrill(steps).forEach(print);
  }
  return isInTime(steps) ? EXIT.ok : EXIT.blocked;
}

/** How many resources a preview would change. */
async function previewed({ root, env }: Context): Promise<number> {
  const { code, stdout } = await run("pulumi", ["preview", "--json", "--non-interactive"], { cwd: root, env });
  const steps = code === 0 ? (JSON.parse(stdout) as { steps?: { op: string }[] }).steps : undefined;
  const changes = (steps ?? []).filter(({ op }) => op === "create" || op === "update").length;
  if (changes === 0) {
    const what = code === 0 ? "the preview shows no change" : "the preview failed";
    throw new FaultsError([{ where: "drill", what: `${what}; the new value is committed`, repair: "npm run preview" }]);
  }
  return changes;
}

async function converged({ root, env }: Context): Promise<void> {
  const args = ["up", "--yes", "--skip-preview", "--non-interactive"];
  const { code, stdout } = await run("pulumi", args, { cwd: root, env });
  if (code !== 0) {
    process.stderr.write(stdout);
    const what = "up did not converge every place; the new value is committed, its row is pending";
    throw new FaultsError([{ where: "drill", what, repair: "repair what stands above, npm run up, p24 confirm" }]);
  }
}

function verified({ row }: Located, seen: Assessment): string {
  const open = openPlaces(row, seen.desired.placed, [], seen.reports) ?? [];
  if (open.length > 0) {
    process.stderr.write(`${renderReport(seen.reports)}\n`);
    const what = `does not have the new value: ${open.map(({ place, why }) => `${place} ${why}`).join(", ")}`;
    throw new FaultsError([{ where: "drill", name: row, what, repair: "npm run up, then p24 confirm" }]);
  }
  return placesOf(row, seen.desired.placed).join(", ");
}

/** Containers run, and those with a health check are healthy: what Docker tells of the services on the secret's hosts. */
function answering({ row }: Located, { hosts, desired }: Assessment): string {
  const own = placesOf(row, desired.placed);
  const services = [...hosts].flatMap(([host, observed]) =>
    own.includes(host) && "seen" in observed ? observed.seen.services.map((one) => ({ host, ...one })) : [],
  );
  const down = services.filter(({ state, health }) => state !== "running" || !/^(?:healthy|none)$/.test(health));
  if (down.length > 0) {
    const what = `services do not answer: ${down.map(({ host, name }) => `${host} ${name}`).join(", ")}`;
    throw new FaultsError([{ where: "drill", what, repair: "look at the service on its host, then p24 confirm" }]);
  }
  return services.length === 0 ? "none on a host has it" : `${String(services.length)} run, none is unhealthy`;
}
