/** @file Entry of the process that trains one run: forked by the agent, ends with the run, may be killed at any moment without harm. */
import { serveRun } from './agentRun.ts';
import { trainSpec } from './trainSpec.ts';

serveRun(trainSpec);
