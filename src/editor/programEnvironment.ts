/** The environment of a program started from the editor, without what the editor set for its own processes. */
export function programEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  setting: Readonly<Record<string, string | null>>,
  needed: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && !/^(VSCODE_|ELECTRON_|APPLICATION_INSIGHTS_)/.test(name)) env[name] = value;
  }
  Object.assign(env, needed);
  for (const [name, value] of Object.entries(setting)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return env;
}
