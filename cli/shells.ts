/** Commands as the operator's shell takes them: PowerShell on Windows, a POSIX shell elsewhere. */

const isWindows = (platform: NodeJS.Platform) => platform === "win32";

/** A path or text as one word. */
export function word(text: string, platform = process.platform): string {
  if (/^[A-Za-z0-9_./:@%+,=\\-]+$/.test(text) && (isWindows(platform) || !text.includes("\\"))) {
    return text;
  }
  return isWindows(platform) ? `'${text.replaceAll("'", "''")}'` : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A program that reads a file on its standard input. PowerShell has no `<`. */
export function fed(file: string, command: string, platform = process.platform): string {
  return isWindows(platform)
    ? `Get-Content -Raw ${word(file, platform)} | ${command}`
    : `${command} < ${word(file, platform)}`;
}

/** A variable for this terminal; `value` is a command's output with `of`. */
export function variable(name: string, value: string, platform = process.platform): string {
  return isWindows(platform) ? `$env:${name} = ${word(value, platform)}` : `export ${name}=${word(value, platform)}`;
}

/** A variable for this terminal that holds what a command prints. */
export function variableOf(name: string, command: string, platform = process.platform): string {
  return isWindows(platform) ? `$env:${name} = ${command}` : `export ${name}="$(${command})"`;
}

/** A variable for every terminal that is opened from now on. */
export function lastingVariable(name: string, value: string, platform = process.platform): string {
  return isWindows(platform)
    ? `[Environment]::SetEnvironmentVariable('${name}', ${quoted(value)}, 'User')`
    : `echo ${word(`export ${name}=${word(value, platform)}`, platform)} >> ~/.profile`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
