// What `interleave` runs first: has Node keep the code that V8 makes of the program itself, which a second run then need not make again.
import * as module from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';

// Node 20 has none.
const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };
enableCompileCache?.(join(cacheFolder(), 'code'));
module.createRequire(join(import.meta.dirname, 'cli.cjs'))('./cli-main.cjs');
