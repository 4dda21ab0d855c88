import { basename, isAbsolute } from "node:path";

import { ComposeError, loadProject } from "./compose.js";
import type { Container } from "./container.js";
import { FORMATS } from "./formats.js";
import type { Project } from "./project.js";

/** What the command line program says of itself, everywhere that Docker would give a version. */
export const STAND_IN = "stand-in for Docker Engine and Compose of the p24 sandbox: processes instead of containers";

/** One call of the command line program. */
export interface Call {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder in which the program was started. */
  readonly cwd: string;
  /** Fires when the caller is gone. */
  readonly gone: AbortSignal;
}

export interface Answer {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}

/** What the commands work on. */
export interface World {
  readonly daemonUp: boolean;
  project(name: string): Project;
  containers(): Container[];
}

/** A call that the stand-in does not know. It is refused and remembered, so that no test passes on a guess. */
export class Unsupported extends Error {}

const DAEMON_DOWN: Answer = { code: 1, err: "Cannot connect to the Docker daemon. Is the docker daemon running?\n" };
const LABEL = "label=com.docker.compose.project=";
const NO_ONE_OFF = "label=com.docker.compose.oneoff=False";

/** Answers exactly the calls of host/p24-host, the `compose up -d` of those who go without it, `version` and `info`. */
export async function answer(call: Call, world: World): Promise<Answer> {
  const [verb, ...rest] = call.argv;
  switch (verb) {
    case "version":
    case "--version":
    case "info":
      return { code: 0, out: `${STAND_IN}\n` };
    case "compose":
      return await compose(rest, call, world);
    case "ps":
      return world.daemonUp ? ps(rest, world) : DAEMON_DOWN;
    case "inspect":
      return world.daemonUp ? inspect(rest, world) : DAEMON_DOWN;
    default:
      throw new Unsupported(call.argv.join(" "));
  }
}

async function compose(args: readonly string[], call: Call, world: World): Promise<Answer> {
  if (args.join(" ") === "up -d") {
    return await upHere(call, world);
  }
  const [option, directory = "", p, name = "", ...rest] = args;
  const wait = rest[4] ?? "";
  const isConfig = rest.join(" ") === "config -q";
  const isUp =
    rest.slice(0, 4).join(" ") === "up -d --wait --wait-timeout" && rest.length === 5 && /^[1-9]\d*$/.test(wait);
  const isDryRun = rest.join(" ") === "create --dry-run --pull never";
  const known = isConfig || isUp || isDryRun;
  if (option !== "--project-directory" || p !== "-p" || !isAbsolute(directory) || name === "" || !known) {
    throw new Unsupported(`compose ${args.join(" ")}`);
  }
  return await refusedInWords(async () => {
    const services = loadProject(directory, call.env);
    if (!isConfig && !world.daemonUp) {
      return DAEMON_DOWN;
    }
    if (isDryRun) {
      const outdated = world.project(name).outdated(services);
      return { code: 0, err: outdated.map((one) => ` DRY-RUN MODE -  Container ${one.name}  Recreate\n`).join("") };
    }
    if (isUp) {
      await world.project(name).up(services, Number(wait) * 1000, call.gone);
    }
    return { code: 0 };
  });
}

/** The project of the folder in which the program was started, named after it; waits for no service. */
async function upHere({ cwd, env, gone }: Call, world: World): Promise<Answer> {
  return await refusedInWords(async () => {
    const services = loadProject(cwd, env);
    if (!world.daemonUp) {
      return DAEMON_DOWN;
    }
    await world.project(basename(cwd)).up(services, undefined, gone);
    return { code: 0 };
  });
}

async function refusedInWords(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ComposeError) {
      return { code: 1, err: `${error.message}\n` };
    }
    throw error;
  }
}

function ps(args: readonly string[], world: World): Answer {
  const [flags, filter, project = "", filter2, oneOff, ...rest] = args;
  const known =
    flags === "-aq" && filter === "--filter" && filter2 === "--filter" && oneOff === NO_ONE_OFF && rest.length === 0;
  if (!known || !project.startsWith(LABEL)) {
    throw new Unsupported(`ps ${args.join(" ")}`);
  }
  const found = world.containers().filter((container) => container.project === project.slice(LABEL.length));
  return { code: 0, out: found.map(({ id }) => `${id.slice(0, 12)}\n`).join("") };
}

function inspect(args: readonly string[], world: World): Answer {
  const [option, format = "", ...ids] = args;
  const render = FORMATS.get(format);
  if (option !== "--format" || render === undefined) {
    throw new Unsupported(`inspect ${args.join(" ")}`);
  }
  const found = ids.flatMap((id) => world.containers().filter((container) => container.id.startsWith(id)));
  const out = found.map((container) => `${render(container)}\n`).join("");
  return found.length === ids.length ? { code: 0, out } : { code: 1, out, err: "Error: No such object\n" };
}
