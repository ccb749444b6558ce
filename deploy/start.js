/** @file `npm start`: installs and builds what is missing, then starts database, server and workers. Plain JavaScript, any Node >= 18. */
import path from 'node:path';
import { build, hand, install, root } from './prepare.js';

const began = Date.now();

export const help = `Plateau: train networks, watch every layer live, review the experiments together

  npm start                      installs, builds, starts; Ctrl-C stops everything in order
  npm start -- [options]

options                          environment    default
  --port N                       PORT           3000; 0 takes any free one
  --host ADDRESS                 HOST           127.0.0.1; loopback only
  --data FOLDER                  PLATEAU_DATA   ./data: database, spools, worker token
  --database-url URL             DATABASE_URL   a PostgreSQL of its own in the data folder
  --workers N                                   local workers; cores less one, at least one
  --no-workers                                  none: remote workers may still come
  --dev                                         pages built as they are asked for
  --api-only                                    no pages
  --no-open                                     taken and ignored: no browser is opened
  --cuda                                        fetch the CUDA libraries of TensorFlow and ONNX Runtime
  --rebuild                                     build the pages although nothing changed
  --help                                        this text

other commands: npx plateau --help · npm test · npx plateau doctor
`;

async function main() {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(help);
  const own = ['--cuda', '--rebuild'];
  await install({ cuda: args.includes('--cuda') });
  if (!args.includes('--dev') && !args.includes('--api-only')) await build({ force: args.includes('--rebuild') });
  const passed = args.filter((arg) => !own.includes(arg));
  const env = {
    PLATEAU_STARTED: String(began),
    NODE_ENV: args.includes('--dev') ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  };
  process.exitCode = await hand([path.join(root, 'server', 'main.ts'), ...passed], { env });
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
