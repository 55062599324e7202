import { rm } from 'node:fs/promises';
import { installServer, projectRoot } from '../install.ts';
import { EditorPage } from '../page.ts';
import { CodeServer, type ServerOptions } from '../server.ts';
import { makeWorkspace } from '../workspace.ts';

/** A workspace open in a window of its own server. */
export interface Session {
  readonly folder: string;
  readonly server: CodeServer;
  readonly editor: EditorPage;
  /** Ends all of it and removes what it wrote. */
  end(): Promise<void>;
}

/** `fromSource`: the extension of the working tree; else only what the server has installed. */
export async function startSession(options: ServerOptions & { readonly fromSource: boolean }): Promise<Session> {
  const installed = await installServer();
  const folder = await makeWorkspace();
  // The window follows the colour scheme of the browser, which tests can change.
  const settings = {
    'window.autoDetectColorScheme': true,
    'window.autoDetectHighContrast': true,
    'workbench.preferredDarkColorTheme': 'Dark Modern',
    'workbench.preferredLightColorTheme': 'Light Modern',
    ...options.settings,
  };
  const server = await CodeServer.start(installed, { ...options, settings });
  const editor = await EditorPage.open(installed, server, {
    folder,
    ...(options.fromSource ? { extension: projectRoot } : {}),
  }).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return {
    folder,
    server,
    editor,
    async end() {
      await editor.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Saves a picture of the window when the test before this hook failed. */
export async function pictureOfFailure(session: Session | undefined, test: Mocha.Test | undefined): Promise<void> {
  if (!session || test?.state !== 'failed') return;
  await session.editor.screenshot(`failed-${test.fullTitle().replaceAll(/\W+/g, '-')}`);
}
