import { dirname, join } from 'node:path';
import * as vm from 'node:vm';

/** The text to run for the file at a path, a module or a script. Throws where there is none. */
export type LoadText = (path: string, isModule: boolean) => string;

type Attributes = Readonly<Record<string, string | undefined>>;
type ModuleRequest = { readonly specifier: string; readonly attributes: Attributes };

/** Methods of Node 24 that its types do not have yet. */
type SynchronousModule = vm.SourceTextModule & {
  readonly moduleRequests: readonly ModuleRequest[];
  linkRequests(modules: readonly vm.Module[]): void;
  instantiate(): void;
};

/** The modules of one realm. A module is parsed once, by its path and type. */
export class ModuleGraph {
  readonly #context: vm.Context;
  readonly #loadText: LoadText;
  readonly #known = new Map<string, vm.Module>();
  readonly #linked = new Set<vm.Module>();
  readonly #evaluations = new Map<vm.Module, Promise<unknown>>();
  #latest: Promise<unknown> | undefined;

  constructor(context: vm.Context, loadText: LoadText) {
    this.#context = context;
    this.#loadText = loadText;
  }

  /** Parses the module at a path. Throws V8's early errors. */
  parse(path: string, type?: string): vm.Module {
    const key = `${type ?? ''} ${path}`;
    const known = this.#known.get(key);
    if (known) return known;
    const module = type === undefined ? this.#parseSource(path) : this.#parseData(path, type);
    this.#known.set(key, module);
    return module;
  }

  /** Links a module with all it asks for, down to the last. Throws as V8 does. */
  link(module: vm.Module, path: string): void {
    this.#linkRequests(module, path);
    if (module instanceof vm.SourceTextModule && module.status === 'unlinked') (module as SynchronousModule).instantiate();
  }

  async importDynamically(specifier: string, from: string, attributes: object): Promise<vm.Module> {
    const { module, path } = this.#resolve({ specifier, attributes: attributes as Attributes }, from);
    this.link(module, path);
    await this.evaluate(module);
    return module;
  }

  /** Evaluates a linked module once; a module that is being evaluated is waited for together with the one that asked for it. */
  evaluate(module: vm.Module): Promise<unknown> {
    const known = this.#evaluations.get(module) ?? (module.status === 'evaluating' ? this.#latest : undefined);
    if (known) return known;
    let resolve: (value: unknown) => void = () => {};
    const promise = new Promise((settle) => (resolve = settle));
    this.#evaluations.set(module, promise);
    this.#latest = promise;
    resolve(module.evaluate());
    return promise;
  }

  #linkRequests(module: vm.Module, path: string): void {
    if (this.#linked.has(module) || !(module instanceof vm.SourceTextModule)) return;
    this.#linked.add(module);
    try {
      const requests = (module as SynchronousModule).moduleRequests.map((request) => this.#resolve(request, path));
      for (const request of requests) this.#linkRequests(request.module, request.path);
      (module as SynchronousModule).linkRequests(requests.map((request) => request.module));
    } catch (error) {
      this.#linked.delete(module);
      throw error;
    }
  }

  #resolve({ specifier, attributes }: ModuleRequest, from: string): { readonly module: vm.Module; readonly path: string } {
    const path = join(dirname(from), specifier);
    return { module: this.parse(path, attributes['type']), path };
  }

  #parseSource(path: string): vm.Module {
    return new vm.SourceTextModule(this.#loadText(path, true), {
      context: this.#context,
      identifier: path,
      importModuleDynamically: (specifier, _module, attributes) => this.importDynamically(specifier, path, attributes),
    });
  }

  #parseData(path: string, type: string): vm.Module {
    const { SyntaxError: RealmSyntaxError, parse } = vm.runInContext('({ SyntaxError, parse: JSON.parse })', this.#context) as {
      SyntaxError: typeof SyntaxError;
      parse: typeof JSON.parse;
    };
    if (type !== 'json') throw new RealmSyntaxError(`no modules of type ${type}`);
    const value: unknown = parse(this.#loadText(path, true));
    return new vm.SyntheticModule(
      ['default'],
      function () {
        this.setExport('default', value);
      },
      { context: this.#context },
    );
  }
}
