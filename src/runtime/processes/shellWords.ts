/** A word of a shell command that names what is run. */
export interface CommandWord extends Word {
  /** The word after it; empty where there is none. */
  next: string;
}

interface Word {
  /** Without its quotes; undefined where only the shell knows what it becomes. */
  readonly text: string | undefined;
  readonly raw: string;
  /** Where it stands in the command. */
  readonly start: number;
  readonly end: number;
}

/** Words after which a command still begins. */
const beforeCommand = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  'exec',
  'nohup',
  'env',
  'command',
  'time',
]);
const assignment = /^[A-Za-z_]\w*=/;
const blank = /[ \t]/;
const operator = /[;&|()\n]/;

/**
 * The words of a POSIX shell command that name programs, as far as they stand there plainly; undefined for commands with parts that are not
 * understood here (here-documents, `case`, functions, substitutions within quotes).
 */
export function commandWords(command: string): CommandWord[] | undefined {
  const found: CommandWord[] = [];
  let at = 0;
  let expectsCommand = true;
  let expectsTarget = false;
  /** The command whose next word is awaited. */
  let last: CommandWord | undefined;
  while (at < command.length) {
    const char = command[at] as string;
    if (blank.test(char)) at++;
    else if (char === '\\' && command[at + 1] === '\n') at += 2;
    else if (char === '#') {
      const end = command.indexOf('\n', at);
      at = end < 0 ? command.length : end;
    } else if (char === '<' || char === '>' || (char === '&' && command[at + 1] === '>')) {
      if (command.startsWith('<<', at) || command[at + 1] === '(') return undefined;
      while (at < command.length && /[<>&|]/.test(command[at] as string)) at++;
      expectsTarget = true;
    } else if (operator.test(char)) {
      at++;
      expectsCommand = true;
      last = undefined;
    } else {
      const word = readWord(command, at);
      if (word === undefined) return undefined;
      at = word.end;
      // `2>` names a descriptor.
      if (/^\d+$/.test(word.raw) && /[<>]/.test(command[at] ?? '')) continue;
      if (last !== undefined) last.next = word.text ?? '';
      last = undefined;
      if (expectsTarget) expectsTarget = false;
      else if (expectsCommand && !assignment.test(word.raw) && !beforeCommand.has(word.raw)) {
        if (word.raw === 'case' || word.raw === 'function' || /^[ \t]*\(/.test(command.slice(at))) return undefined;
        expectsCommand = false;
        last = { ...word, next: '' };
        found.push(last);
      }
    }
  }
  return found;
}

function readWord(command: string, start: number): Word | undefined {
  let at = start;
  let text = '';
  let known = true;
  while (at < command.length) {
    const char = command[at] as string;
    if (blank.test(char) || operator.test(char) || char === '<' || char === '>') break;
    if (char === "'" || char === '"') {
      const end = closingQuote(command, at);
      if (end === undefined) return undefined;
      const quoted = command.slice(at + 1, end);
      if (char === '"' && /[\\$`]/.test(quoted)) known = false;
      text += quoted;
      at = end + 1;
    } else if (char === '$' && command[at + 1] === '(') {
      const end = closingParenthesis(command, at + 1);
      if (end === undefined) return undefined;
      known = false;
      at = end + 1;
    } else if (char === '`') return undefined;
    else if (char === '\\') {
      text += command[at + 1] ?? '';
      at += 2;
    } else {
      if (/[$*?[\]~]/.test(char)) known = false;
      text += char;
      at++;
    }
  }
  return { text: known ? text : undefined, raw: command.slice(start, at), start, end: at };
}

/** Undefined where there is none, or a substitution in between that may hold quotes of its own. */
function closingQuote(command: string, at: number): number | undefined {
  const quote = command[at] as string;
  for (let end = at + 1; end < command.length; end++) {
    const char = command[end] as string;
    if (char === quote) return end;
    if (quote === "'") continue;
    if (char === '\\') end++;
    else if (char === '`' || (char === '$' && command[end + 1] === '(')) return undefined;
  }
  return undefined;
}

function closingParenthesis(command: string, at: number): number | undefined {
  let depth = 0;
  for (let end = at; end < command.length; end++) {
    const char = command[end] as string;
    if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return end;
    else if (char === '\\') end++;
    else if (char === "'" || char === '"') {
      const closing = closingQuote(command, end);
      if (closing === undefined) return undefined;
      end = closing;
    } else if (char === '`' || char === '#') return undefined;
  }
  return undefined;
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
