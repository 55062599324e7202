import { filesOfConfig } from './projectConfig.ts';
import { ts } from '../typescript.ts';

/** Bounds what is read before the first file of a project is checked. */
const maxFiles = 200;
const maxLength = 512 * 1024;

/**
 * The description files of a configuration that nobody imports and that count all the same: what they declare is global, or stands for a
 * package (`declare module 'untyped'`). Without them such names have no type.
 */
export function ambientFilesOf(configPath: string): readonly { readonly path: string; readonly text: string }[] {
  const descriptions = filesOfConfig(configPath).filter((path) => /\.d\.[cm]?ts$/.test(path));
  // So many are most often generated, one beside each script, and imported from there.
  if (descriptions.length > maxFiles) return [];
  return descriptions.flatMap((path) => {
    const text = ts.sys.readFile(path);
    return text !== undefined && text.length <= maxLength && declaresForOthers(text) ? [{ path, text }] : [];
  });
}

/** True for scripts, and for modules that add to the global names or to other modules. */
function declaresForOthers(text: string): boolean {
  return /^\s*declare\s+(?:global\b|module\s*['"])/m.test(text) || !/^\s*(?:import|export)\b/m.test(text);
}
