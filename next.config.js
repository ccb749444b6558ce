/** @file Next.js: the pages only. Server, database and workers are started by server/main.ts. */

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // the type checker runs over the whole project in `npm test`
  typescript: { ignoreBuildErrors: true },
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
  devIndicators: false,
};
