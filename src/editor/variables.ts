export interface VariableValues {
  readonly workspaceFolder: string;
  readonly file: string;
  readonly fileDirname: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Replaces `${workspaceFolder}`, `${file}`, `${fileDirname}` and `${env:NAME}` as the editor's own settings do; anything else stays. */
export function substitute(text: string, values: VariableValues): string {
  return text.replace(
    /\$\{(workspaceFolder|file|fileDirname|env:([^}]+))\}/g,
    (whole, name: string, variable: string | undefined) => {
      if (variable !== undefined) return values.env[variable] ?? '';
      switch (name) {
        case 'workspaceFolder':
          return values.workspaceFolder;
        case 'file':
          return values.file;
        case 'fileDirname':
          return values.fileDirname;
        default:
          return whole;
      }
    },
  );
}
