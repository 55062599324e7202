/** Modules that run tests, as imported. */
export const testModules =
  /^(?:(?:node:)?test|bun:test|vitest|mocha|jest|@jest\/.*|jasmine|ava|tape|tap|uvu|@playwright\/test|qunit|@vscode\/test-cli)$/;

/** Functions that declare tests or run around them, by name: most frameworks make them globals. */
export const testFunctions: ReadonlySet<string> = new Set([
  ...['describe', 'it', 'test', 'suite', 'specify', 'context', 'bench', 'before', 'after', 'beforeEach', 'afterEach'],
  ...['beforeAll', 'afterAll', 'setup', 'teardown', 'suiteSetup', 'suiteTeardown'],
]);
