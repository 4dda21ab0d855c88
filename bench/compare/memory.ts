import { costOf } from "../memory.js";
import type { Memory } from "./results.js";
import { commandLine, noOpPreview, PREVIEW, rotation, UP } from "./ways/ours.js";
import type { Fleet } from "./world.js";

/** With hundreds of processes a look at all of them takes a few milliseconds itself. */
const SAMPLE_MS = 40;

/**
 * Resident memory of ours, all its processes together (p24, engine, language host, program, plugins, sops), at its highest
 * moment: of an `up` after a rotation and of a preview that finds nothing. Pages that processes share count once for each.
 */
export async function memoryOf(fleet: Fleet): Promise<Memory[]> {
  const peaks: Memory[] = [];
  for (const [way, args] of [
    [rotation, UP],
    [noOpPreview, PREVIEW],
  ] as const) {
    await way.prepare(fleet);
    const { paths, env } = fleet.world;
    const cost = await costOf(process.execPath, commandLine(args), { cwd: paths.work, env, sampleMs: SAMPLE_MS });
    if (cost.code !== 0) {
      throw new Error(`${way.name}, whose memory was watched, ended with ${String(cost.code)}`);
    }
    await way.check(fleet);
    peaks.push({
      ...fleet.size,
      way: way.name,
      peakMb: cost.peakMb,
      byProgramMb: Object.fromEntries(cost.peakByProgramMb),
    });
  }
  return peaks;
}
