/** Where a tool came from. */
export type Origin = "path" | "download" | "built" | "stand-in" | "official (P24_PLUGIN_DIR)";

/** One program on this machine. */
export interface ToolRecord {
  /** The program's name, e.g. `pulumi-language-nodejs`. */
  name: string;
  /** Without a leading `v`. */
  version: string;
  origin: Origin;
  /** Absolute path to start it from. */
  location: string;
}

export interface Toolchain {
  tools: ToolRecord[];
  /** Holds every program except plugins; put it first on PATH. */
  binDir: string;
}

/** One Go module and the programs that come out of it. */
export interface Build {
  /** Folder below `toolchain/go`. */
  module: string;
  /** What the built programs are recorded as. */
  version: string;
  /** Program name -> Go package. */
  packages: Record<string, string>;
  /** Linker flags that set the version. */
  link?: string;
}

/** One line of the tool table. */
export interface Tool {
  name: string;
  version: string;
  /** Executables; the first is the one whose version is asked, the others must lie beside its real file. */
  programs: string[];
  /** Fetched only when named in `with` or `only`. */
  optional?: boolean;
  /** Kept out of binDir: the engine would prefer a plugin on PATH over the installed one. */
  plugin?: boolean;
  /** How the version is asked on PATH, and which versions fit. */
  path?: { args: string[]; min: string; below: string; env?: Record<string, string> };
  /** Base of the official download; file and checksum stand in pins.mjs. */
  download?: string;
  builds: Build[];
}

/** What the progress of a longer run is told to. */
export interface Progress {
  note(line: string): void;
  step<T>(label: string, work: () => Promise<T>): Promise<T>;
}

export interface EnsureOptions {
  /** These tools and no others. */
  only?: string[] | undefined;
  /** Optional tools as well: docker-compose, gitleaks, actionlint, compose-dotenv. */
  with?: string[] | undefined;
  /** No progress on stderr. */
  quiet?: boolean | undefined;
  /** `false`: never download, build instead. */
  download?: boolean | undefined;
  /** Take what is on PATH or was fetched before; what is not there is `NOT_AVAILABLE`. */
  presentOnly?: boolean | undefined;
  env?: NodeJS.ProcessEnv | undefined;
  progress?: Progress | undefined;
  /** For tests: another cache folder. */
  root?: string | undefined;
  /** For tests: another tool table, module folder, pin table, download address (ends in `/`), connect limit. */
  tools?: Tool[] | undefined;
  modules?: string | undefined;
  pins?: Record<string, Record<string, { file: string; sha256?: string; sha512?: string }>> | undefined;
  downloadBase?: string | undefined;
  connectMs?: number | undefined;
}

/** A plugin of ours that stands in for an official one. */
export interface StandIn {
  /** `command` for the plugin `pulumi-resource-command`. */
  name: string;
  /** The official plugin's version, which is what the program asks for. */
  version: string;
  /** Absolute path of the script that Node runs (`.ts` runs through tsx). */
  entry: string;
}

export interface PluginOptions {
  pulumiHome: string;
  /** Folder with official plugin binaries; P24_PLUGIN_DIR when left out. */
  pluginDir?: string | undefined;
  /** Those of this checkout when left out. */
  standIns?: StandIn[] | undefined;
  /** The answer of `ensureToolchain`, to spare asking again. */
  tools?: ToolRecord[] | undefined;
  quiet?: boolean | undefined;
}

/** A fault for people. `code`: USAGE, NOT_AVAILABLE, CHECKSUM_MISMATCH, BUILD_FAILED, NPM_FAILED, CACHE_UNWRITABLE, TOOLCHAIN. */
export class ToolchainError extends Error {
  constructor(what: string, details?: { where?: string; repair?: string; code?: string });
  code: string;
}

/**
 * Sees to it that the tools are on this machine: from PATH when the version fits, else from the cache, else downloaded
 * against a pinned checksum, else built from pinned Go modules. A plugin that cannot be had and was not named is left out
 * with a note. Answers within milliseconds when nothing is to do.
 */
export function ensureToolchain(options?: EnsureOptions): Promise<Toolchain>;

/** Lays the GitHub plugin and the stand-ins (or official plugins from `pluginDir`) out in a PULUMI_HOME. */
export function installPlugins(options: PluginOptions): Promise<ToolRecord[]>;

/** Where the tools are kept, outside every checkout; its parent is this project's cache. It can be deleted at any time. */
export function cacheRoot(env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform): string;

/** The stand-ins that a checkout has. */
export function knownStandIns(root?: string): StandIn[];

/** The command line; returns the exit code. */
export function main(args: string[]): Promise<number>;
