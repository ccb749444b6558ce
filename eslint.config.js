/** @file The linter: who may import whom, what core must not touch, and the usual mistakes. */
import path from 'node:path';
import tseslint from 'typescript-eslint';

/** What each folder may import from the others; files outside these folders (deploy, configuration) are free. */
const mayImport = {
  core: [],
  drizzle: ['core'],
  workers: ['core'],
  app: ['core'],
  server: ['core', 'drizzle'],
  bench: ['core', 'workers', 'drizzle', 'server'],
  e2e: [],
};
/** Packages that one place alone may import. */
const oneplace = [
  { packages: /^plotly\.js/, where: /^app\/_charts\//, why: 'only app/_charts draws with Plotly' },
  { packages: /^(onnxruntime-|@tensorflow\/)/, where: /^(workers\/runtimes|bench)\//, why: 'only workers/runtimes knows the runtimes' },
  {
    packages: /^(pg|drizzle-orm\/node-postgres.*)$/,
    where: /^drizzle\/|\.test\.ts$|^server\/testing/,
    why: 'only drizzle/client.ts connects to the database',
  },
];
const root = import.meta.dirname;

/** The import table of the architecture, as a rule. */
const importTable = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = path.relative(root, context.filename).split(path.sep).join('/');
    const from = file.split('/')[0];
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const say = (message) => context.report({ node, message });
      for (const { packages, where, why } of oneplace)
        if (packages.test(source) && !where.test(file) && node.importKind !== 'type') say(`${source}: ${why}`);
      const relative = source.startsWith('.');
      const target = source.startsWith('#') ? source.slice(1) : relative ? path.posix.join(path.posix.dirname(file), source) : null;
      const to = target?.split('/')[0];
      if (from in mayImport) {
        if (target !== null && to !== from && to in mayImport && !mayImport[from].includes(to))
          say(`${from} must not import ${to}; allowed: ${mayImport[from].join(', ') || 'nothing of another folder'}`);
        if (relative && target.startsWith('..')) say(`${source} leaves the project`);
        if (relative && to !== from && to in mayImport) say(`an import that leaves its folder is written #${target}`);
        const test = /\.test\.tsx?$|(^|\/)testing\.ts$/.test(file);
        if (from === 'core' && target === null && !test && !(source === 'zod' && file === 'core/spec.ts'))
          say(`core imports nothing of the outside (zod in core/spec.ts excepted), got ${source}`);
      }
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};

/** Next asks for default exports in these; tools ask for them in their configuration. */
const defaultExports = [
  'app/**/{page,layout,loading,error,not-found,global-error,template,default,icon,opengraph-image,manifest,robots,sitemap}.{ts,tsx}',
  'proxy.ts',
  '*.config.{js,ts,mjs}',
  '**/*.config.ts',
  'drizzle/config.ts',
  'deploy/reporter.js',
];

const impure = (name) => ({ name, message: 'core has no I/O, no clock and no unseeded randomness' });

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      '.next/',
      'data/',
      'public/',
      'test-results/',
      'playwright-report/',
      'next-env.d.ts',
      'drizzle/migrations/',
      'app/**/*.generated.*',
      '**/*.d.ts',
    ],
  },
  ...tseslint.configs.recommended,
  {
    plugins: { plateau: { rules: { 'import-table': importTable } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'plateau/import-table': 'error',
      'max-lines': ['error', 300],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'named exports only, except where Next asks' }],
      'no-console': 'off',
      'prefer-const': ['error', { destructuring: 'all' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
    },
  },
  {
    // types are looked up where a forgotten promise costs most: the processes that must not die or hang
    files: ['workers/**/*.ts', 'server/**/*.ts', 'drizzle/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] }] },
      ],
    },
  },
  {
    files: ['core/**/*.ts'],
    ignores: ['core/**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...[
          'process',
          'fetch',
          'performance',
          'setTimeout',
          'setInterval',
          'setImmediate',
          'XMLHttpRequest',
          'WebSocket',
          'Buffer',
          'window',
          'document',
          'localStorage',
        ].map(impure),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'core has no clock' },
        { object: 'Math', property: 'random', message: 'core draws from core/rng.ts' },
        { object: 'crypto', property: 'getRandomValues', message: 'core draws from core/rng.ts' },
        { object: 'crypto', property: 'randomUUID', message: 'core draws from core/rng.ts' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'named exports only' },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'core has no clock' },
      ],
    },
  },
  { files: defaultExports, rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/index.ts'], rules: { 'max-lines': 'off' } }, // generated
  { files: ['**/*.test.ts', '**/*.fixture.ts', '**/testing.ts', 'e2e/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
);
