import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, YAMLError } from "yaml";
import { z } from "zod";

import { readDotenv } from "./dotenv.js";
import { interpolate, type Lookup, TemplateError } from "./interpolate.js";
import { healthcheckSchema, parseHealthcheck, type Healthcheck } from "./healthcheck.js";

/** A project that Compose refuses. The message names files, services and variables, never values. */
export class ComposeError extends Error {}

/** One service, ready to run. */
export interface Service {
  readonly name: string;
  readonly image: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly restart: boolean;
  readonly healthcheck: Healthcheck | undefined;
  readonly dependsOn: ReadonlyMap<string, "service_started" | "service_healthy">;
  /** Of everything that makes the container: another one means that it has to be recreated. */
  readonly hash: string;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const anything = z.unknown().optional();
const environmentSchema = z.union([z.record(z.string(), scalar.nullable()), z.array(z.string())]);
const envFileSchema = z.strictObject({
  path: z.string(),
  required: z.boolean().optional(),
  format: z.string().optional(),
});

/** The part of the Compose specification that the sandbox's projects use. Anything else is refused, as a typing slip is. */
const serviceSchema = z.strictObject({
  image: z.string(),
  command: anything,
  entrypoint: anything,
  environment: environmentSchema.optional(),
  env_file: z.union([z.string(), z.array(z.union([z.string(), envFileSchema]))]).optional(),
  healthcheck: healthcheckSchema.optional(),
  depends_on: z
    .union([
      z.array(z.string()),
      z.record(z.string(), z.object({ condition: z.enum(["service_started", "service_healthy"]) })),
    ])
    .optional(),
  restart: z.enum(["no", "always", "on-failure", "unless-stopped"]).optional(),
  ports: anything,
  volumes: anything,
  networks: anything,
  network_mode: anything,
  labels: anything,
  user: anything,
  hostname: anything,
});
const projectSchema = z.strictObject({
  name: z.string().optional(),
  services: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), serviceSchema),
  volumes: anything,
  networks: anything,
});

const FILES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/** Reads the project in a directory as `docker compose --project-directory DIRECTORY` would. `shell` beats `.env`. */
export function loadProject(directory: string, shell: Readonly<Record<string, string>>): Service[] {
  const file = FILES.find((name) => existsSync(join(directory, name)));
  if (file === undefined) {
    throw new ComposeError("no configuration file provided: not found");
  }
  const dotenv = existsSync(join(directory, ".env"))
    ? readEnvFile(join(directory, ".env"), (name) => shell[name])
    : new Map<string, string>();
  const lookup: Lookup = (name) => shell[name] ?? dotenv.get(name);
  const parsed = projectSchema.safeParse(interpolateTree(readYaml(join(directory, file)), lookup));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ComposeError(`${file}: ${issue?.path.map(String).join(".") ?? ""}: ${issue?.code ?? "invalid"}`);
  }
  const services = Object.entries(parsed.data.services).map(([name, raw]) =>
    buildService(name, raw, directory, lookup),
  );
  for (const service of services) {
    for (const other of service.dependsOn.keys()) {
      if (!services.some(({ name }) => name === other)) {
        throw new ComposeError(`service ${service.name} depends on undefined service ${other}`);
      }
    }
  }
  return services;
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ComposeError(error instanceof YAMLError ? `yaml: ${error.code}` : "cannot be read");
  }
}

function readEnvFile(path: string, lookup: Lookup): ReadonlyMap<string, string> {
  const file = readDotenv(readFileSync(path, "utf8"), lookup);
  if (file.error !== undefined) {
    throw new ComposeError(`failed to read ${path}: ${file.error}`);
  }
  // Names that begin with a digit are read and then ignored.
  return new Map([...file.values].filter(([name]) => !/^\s*\d/.test(name)));
}

function interpolateTree(node: unknown, lookup: Lookup): unknown {
  if (typeof node === "string") {
    try {
      return interpolate(node, lookup);
    } catch (error) {
      throw new ComposeError(error instanceof TemplateError ? error.message : "invalid interpolation format");
    }
  }
  if (Array.isArray(node)) {
    return node.map((item) => interpolateTree(item, lookup));
  }
  if (node !== null && typeof node === "object") {
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, interpolateTree(value, lookup)]));
  }
  return node;
}

function buildService(name: string, raw: z.infer<typeof serviceSchema>, directory: string, lookup: Lookup): Service {
  const environment = new Map<string, string>();
  const files = typeof raw.env_file === "string" ? [raw.env_file] : (raw.env_file ?? []);
  for (const entry of files) {
    const { path, required = true } = typeof entry === "string" ? { path: entry } : entry;
    const full = join(directory, path);
    if (!existsSync(full)) {
      if (required) {
        throw new ComposeError(`env file ${full} not found`);
      }
      continue;
    }
    readEnvFile(full, lookup).forEach((value, variable) => environment.set(variable, value));
  }
  for (const [variable, value] of environmentPairs(raw.environment ?? {})) {
    const resolved = value ?? lookup(variable);
    if (resolved === undefined) {
      environment.delete(variable);
    } else {
      environment.set(variable, resolved);
    }
  }
  const dependsOn = Array.isArray(raw.depends_on)
    ? new Map(raw.depends_on.map((other) => [other, "service_started" as const]))
    : new Map(Object.entries(raw.depends_on ?? {}).map(([other, { condition }]) => [other, condition]));
  const hash = createHash("sha256")
    .update(JSON.stringify([raw, [...environment]]))
    .digest("hex");
  const restart = raw.restart !== undefined && raw.restart !== "no";
  return {
    name,
    image: raw.image,
    environment,
    restart,
    dependsOn,
    hash,
    healthcheck: parseHealthcheck(raw.healthcheck),
  };
}

function environmentPairs(environment: z.infer<typeof environmentSchema>): [name: string, value: string | undefined][] {
  if (Array.isArray(environment)) {
    return environment.map((entry) => {
      const at = entry.indexOf("=");
      return at === -1 ? [entry, undefined] : [entry.slice(0, at), entry.slice(at + 1)];
    });
  }
  return Object.entries(environment).map(([name, value]) => [name, value === null ? undefined : String(value)]);
}
