/**
 * A test for paths (with `/`, relative) against a glob: `*` and `?` within a name, `**` across folders, `{a,b}`, `[abc]`.
 * A glob without `/` (but for a last one) matches a name anywhere, and a match of a folder covers all within it, as in `.gitignore`.
 */
export function matchesGlob(glob: string): (path: string) => boolean {
  const trimmed = glob.replace(/^\.?\//, '').replace(/\/$/, '');
  const anywhere = !trimmed.includes('/') && !/^\.?\//.test(glob);
  const expression = new RegExp(`^${anywhere ? '(?:.*/)?' : ''}${toExpression(trimmed)}(?:/.*)?$`, 's');
  return (path) => expression.test(path);
}

function toExpression(glob: string): string {
  let result = '';
  let braces = 0;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i] as string;
    if (char === '*') {
      if (glob[i + 1] === '*') {
        const slash = glob[i + 2] === '/';
        result += slash ? '(?:.*/)?' : '.*';
        i += slash ? 2 : 1;
      } else result += '[^/]*';
    } else if (char === '?') result += '[^/]';
    else if (char === '{' && glob.includes('}', i)) {
      result += '(?:';
      braces++;
    } else if (char === '}' && braces > 0) {
      result += ')';
      braces--;
    } else if (char === ',' && braces > 0) result += '|';
    else if (char === '[' && glob.includes(']', i + 2)) {
      const end = glob.indexOf(']', i + 2);
      const inside = glob
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\');
      result += `[${inside}]`;
      i = end;
    } else result += char.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  }
  return result + ')'.repeat(braces);
}
