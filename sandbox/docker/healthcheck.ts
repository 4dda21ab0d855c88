import { spawn } from "node:child_process";

import { z } from "zod";

import { killIfThere } from "./kill.js";

export const healthcheckSchema = z.strictObject({
  test: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  interval: z.string().optional(),
  timeout: z.string().optional(),
  start_period: z.string().optional(),
  retries: z.number().optional(),
  disable: z.boolean().optional(),
});

/** When and how a container is asked whether it is healthy. Times in milliseconds. */
export interface Healthcheck {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly retries: number;
}

/** With Docker's defaults: every 30 s, three misses in a row. */
export function parseHealthcheck(raw: z.infer<typeof healthcheckSchema> | undefined): Healthcheck | undefined {
  const test = typeof raw?.test === "string" ? ["CMD-SHELL", raw.test] : raw?.test;
  const [kind, ...rest] = test ?? ["NONE"];
  if (raw === undefined || raw.disable === true || kind === "NONE") {
    return undefined;
  }
  return {
    command: kind === "CMD-SHELL" ? ["/bin/sh", "-c", rest[0] ?? ""] : rest,
    interval: duration(raw.interval, 30_000),
    timeout: duration(raw.timeout, 30_000),
    startPeriod: duration(raw.start_period, 0),
    retries: raw.retries ?? 3,
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(text: string | undefined, otherwise: number): number {
  const parts = [...(text ?? "").matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.length === 0
    ? otherwise
    : parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
}

/**
 * Runs the test once with the container's environment, as `docker exec` would. Its output goes nowhere. It ends with its
 * time limit or with the container, and takes its own children along.
 */
export function runHealthcheck(
  check: Healthcheck,
  env: Readonly<Record<string, string>>,
  stopped: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const [command = "false", ...args] = check.command;
    const child = spawn(command, args, { env, stdio: "ignore", detached: true });
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) {
        killIfThere(-child.pid);
      }
    };
    const timer = setTimeout(end, check.timeout);
    const finish = (healthy: boolean) => {
      clearTimeout(timer);
      stopped.removeEventListener("abort", end);
      resolve(healthy);
    };
    stopped.addEventListener("abort", end);
    child.on("error", () => {
      finish(false);
    });
    child.on("exit", (code) => {
      finish(code === 0);
    });
  });
}
