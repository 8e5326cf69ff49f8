import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino, type Logger } from 'pino';

/** Fields that must never be printed, whatever object they come in. */
const REDACTED = ['password', '*.password', 'key', '*.key', 'connectionString', '*.connectionString', 'conninfo', '*.conninfo'];

/** Sends the SDK's logs to stderr as JSON lines, and gives the logger; once per process, before anything of the SDK is used. */
export function installLogging(level: string): Logger {
  const log = pino({ level, redact: REDACTED }, pino.destination(2));
  const logger = new DefaultLogger('DEBUG', ({ level: severity, message, meta }) => {
    const write = severity === 'ERROR' ? log.error : severity === 'WARN' ? log.warn : severity === 'INFO' ? log.info : log.debug;
    write.call(log, { ...meta }, message);
  });
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } } });
  return log;
}
