import type { Size } from "./fleet.js";
import { type Cell, find, type Group, groupsOf, groupText, isOf, type Memory, type Results } from "./results.js";
import type { Verdict } from "./limits.js";

/** A way's name and what people read. */
export interface Titled {
  readonly name: string;
  readonly title: string;
}

/** Against what the others are told: the spec's own way. */
const BASE = "loop";

/** A GitHub table a group: a row a way, a column a number of hosts; behind each time how it stands to the bash loop. */
export function tables(results: Results, ways: readonly Titled[]): string {
  return groupsOf(results)
    .map((group) => table(results, group, ways))
    .join("\n\n");
}

function table(results: Results, group: Group, ways: readonly Titled[]): string {
  const cells = results.cells.filter((cell) => isOf(group, cell));
  const hosts = ascending(cells.map((cell) => cell.hosts));
  const measured = ways.filter(({ name }) => cells.some((cell) => cell.way === name));
  const commits = [...new Set(cells.flatMap(({ commit }) => commit ?? []))].join(" and ");
  return [
    `**${groupText(group)}**${commits === "" ? "" : `, measured at ${commits}`}`,
    "",
    row(["", ...hosts.map((number) => `${String(number)} hosts`)]),
    row(["---", ...hosts.map(() => "---:")]),
    ...measured.map(({ name, title }) =>
      row([title, ...hosts.map((number) => cellText(results, { hosts: number, ...group }, name))]),
    ),
  ].join("\n");
}

function cellText(results: Results, size: Size, way: string): string {
  const cell = find(results, size, way);
  if (cell === undefined) {
    return "";
  }
  const base = find(results, size, BASE);
  const ratio = base === undefined || way === BASE ? "" : ` (${(cell.medianMs / base.medianMs).toFixed(2)})`;
  const most = Math.max(...results.cells.map(({ times }) => times.length));
  const fewer =
    cell.times.length < most ? `, ${String(cell.times.length)} ${cell.times.length === 1 ? "round" : "rounds"}` : "";
  return `${seconds(cell.medianMs)}${ratio}${fewer}`;
}

/** A row a size: what each phase of a way took. */
export function partsTable({ cells }: Results, way: string): string {
  const told = cells.filter((cell) => cell.way === way && cell.rttMs === 0 && Object.keys(cell.parts).length > 0);
  const names = Object.keys(told[0]?.parts ?? {});
  return [
    row(["hosts", "secrets", ...names]),
    row([...names, "", ""].map(() => "---:")),
    ...told.map(({ hosts, secrets, parts }) =>
      row([String(hosts), String(secrets), ...names.map((name) => seconds(parts[name] ?? Number.NaN))]),
    ),
  ].join("\n");
}

/** Medians, spread and parts of each cell, a line each, for a terminal. */
export function lines({ cells }: Results, ways: readonly Titled[]): string {
  const title = new Map(ways.map((way) => [way.name, way.title]));
  return cells.map((cell) => line(cell, title.get(cell.way) ?? cell.way)).join("\n");
}

function line({ hosts, times, medianMs, parts, ...group }: Cell, title: string): string {
  const split = Object.entries(parts).map(([name, ms]) => `${name} ${seconds(ms)}`);
  const spread = `${seconds(Math.min(...times))}–${seconds(Math.max(...times))} of ${String(times.length)}`;
  const size = `${String(hosts).padStart(3)} hosts ${groupText(group).padStart(13)}`;
  return [size, title.padEnd(46), seconds(medianMs).padStart(9), ` ${spread}`, ...split].join("  ");
}

/** What a call costs of each program that all ways start. */
export function aloneLine({ alone }: Results): string {
  return alone.map(({ what, ms }) => `${what}: ${ms.toFixed(0)} ms alone`).join("; ");
}

/** How busy the machine was with something else. */
export function loadText({ loads }: Results): string {
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map((load) => load.toFixed(1));
  return `load ${least ?? ""}${least === most ? "" : ` to ${most ?? ""}`} before each size was begun`;
}

/** Peaks of memory, a line each. */
export function memoryLines({ memory }: Results): string {
  return memory.map(memoryLine).join("\n");
}

function memoryLine({ hosts, secrets, way, peakMb, byProgramMb }: Memory): string {
  const parts = Object.entries(byProgramMb)
    .sort(([, one], [, other]) => other - one)
    .filter(([, mb]) => mb >= 10)
    .map(([program, mb]) => `${program} ${mb.toFixed(0)}`);
  return `${way}, ${String(hosts)} hosts, ${String(secrets)} secrets: peak ${peakMb.toFixed(0)} MB (each at its own: ${parts.join(", ")})`;
}

/** Whether each limit is met. */
export function verdictLines(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ text, measured, limit, met }) => {
      const number = Number.isInteger(measured) ? String(measured) : measured.toFixed(2);
      return `${met ? "met   " : "missed"}  ${text}: ${number}, limit ${String(limit)}`;
    })
    .join("\n");
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
