export interface HtmlReportParts {
  /** A whole trace file. */
  readonly bytes: Uint8Array;
  readonly title: string;
  /** The timeline page's own script and style sheet, as text. */
  readonly pageScript: string;
  readonly pageStyle: string;
  /** Digits or letters, another one for every report; random unless given. */
  readonly nonce?: string;
}

/**
 * One HTML file that holds the trace and the page that shows it, and loads nothing from anywhere. The page's script finds the trace as
 * `globalThis.interleaveReport`: `{ title, bytes }`, the bytes as base64.
 */
export function htmlReport(parts: HtmlReportParts): string {
  const nonce = parts.nonce ?? randomNonce();
  if (!/^[A-Za-z0-9]+$/.test(nonce)) throw new Error('the nonce of a report is letters and digits');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    // The page places its lanes and tooltips by style attributes.
    `style-src-attr 'unsafe-inline'`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  const data = `globalThis.interleaveReport={title:${JSON.stringify(parts.title)},bytes:"${toBase64(parts.bytes)}"};`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}</title>
<style nonce="${nonce}">
${withoutMap(parts.pageStyle).replaceAll('</', '<\\/')}
</style>
</head>
<body>
<noscript>This report draws its timeline with a script of its own; allow scripts to see it.</noscript>
<div id="app"></div>
<script nonce="${nonce}">${scriptText(data)}</script>
<script nonce="${nonce}">
${scriptText(withoutMap(parts.pageScript))}
</script>
</body>
</html>
`;
}

/**
 * Script text that cannot end its element early or open a comment in it. Both sequences can only stand in strings, templates and
 * regular expressions, where the escape means the same.
 */
function scriptText(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, '\\x3C');
}

/** Developer tools would look for the map beside the report. */
function withoutMap(text: string): string {
  return text.replace(/(?:\/\/|\/\*)# sourceMappingURL=.*\s*$/, '');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function randomNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** In parts of a multiple of three bytes, so that they can be put together, and few enough to be arguments of one call. */
function toBase64(bytes: Uint8Array): string {
  const part = 3 * 8192;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += part) parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + part))));
  return parts.join('');
}
