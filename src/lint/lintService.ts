import type { Finding, LintFix, LintOptions, LintRequest, LintResponse } from '../shared/lintMessages.ts';
import { awaitPointAt } from '../source/sites/awaitPoint.ts';
import { outlineFile } from '../source/sites/outline.ts';
import { ProjectStore, tooDeep, UnreadableFileError } from '../source/project/project.ts';
import { checkFile } from './checkFile.ts';
import { filesMissing, findFixes, fixAllSafe } from './fixes/findFixes.ts';

/** More in one file help nobody. */
const maxFindings = 1000;
/** Callers of callers bring in files of their own; so often at most. */
const maxLoads = 3;

/** Answers lint requests; keeps the projects between them. Never throws for what is in a file: what cannot be read is `failed` or has a note. */
export class LintService {
  readonly #projects = new ProjectStore();

  answer(request: LintRequest): LintResponse {
    const { requestId } = request;
    switch (request.type) {
      case 'check':
        return { type: 'findings', requestId, ...this.#check(request) };
      case 'awaitPoint': {
        const { sourceFile, checker } = this.#projects.load(request.path, request.text);
        const starts = sourceFile.getLineStarts();
        const start = starts[request.line - 1];
        const info = start === undefined ? undefined : awaitPointAt(sourceFile, start + request.column - 1, checker);
        return { type: 'awaitPoint', requestId, info };
      }
      case 'outline': {
        const { sourceFile, checker } = this.#projects.load(request.path, request.text);
        return { type: 'outline', requestId, outline: outlineFile(sourceFile, checker) };
      }
      case 'fixes':
        return { type: 'fixes', requestId, fixes: this.#fixes(request) };
      case 'close':
        this.#projects.close(request.path);
        return { type: 'done', requestId };
      case 'load':
        this.#projects.announce(request.paths);
        return { type: 'done', requestId };
      case 'projectFiles': {
        const paths = this.#projects.filesOfProject(request.path, request.most);
        return { type: 'projectFiles', requestId, paths };
      }
    }
  }

  #fixes({ path, text, options, range, want }: Extract<LintRequest, { readonly type: 'fixes' }>): readonly LintFix[] {
    try {
      let file = this.#projects.load(path, text);
      for (let round = 0; want === 'each' && round < maxLoads; round++) {
        const missing = filesMissing(file, options, range);
        if (missing.length === 0) break;
        this.#projects.announce(missing);
        file = this.#projects.load(path, text);
      }
      const fixes =
        want === 'each' ? findFixes(file, options, range) : [fixAllSafe(file, options)].filter((fix) => fix !== undefined);
      // The path as it was asked for: the compiler's has forward slashes.
      return fixes.map((fix) => ({
        ...fix,
        edits: fix.edits.map((edit) => (edit.path === file.path ? { ...edit, path } : edit)),
      }));
    } catch (error) {
      if (error instanceof UnreadableFileError || error instanceof RangeError) return [];
      throw error;
    }
  }

  #check({ path, text, options }: { readonly path: string; readonly text?: string; readonly options?: LintOptions }): {
    readonly findings: readonly Finding[];
    readonly note?: string;
  } {
    try {
      const file = this.#projects.load(path, text);
      const found = checkFile(file, options);
      const findings = found.slice(0, maxFindings).map((finding) => ({ ...finding, path }));
      const notes = [
        ...(file.problem === undefined ? [] : [file.problem]),
        ...(found.length > maxFindings ? [`Of ${found.length} findings the first ${maxFindings} are shown.`] : []),
      ];
      return notes.length === 0 ? { findings } : { findings, note: notes.join(' ') };
    } catch (error) {
      if (error instanceof UnreadableFileError) return { findings: [], note: error.message };
      if (error instanceof RangeError) return { findings: [], note: tooDeep };
      throw error;
    }
  }
}
