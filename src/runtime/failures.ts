/** Turns whatever was thrown into the one error type that leaves the runtime. */
import { EngineError } from './contract.ts';
import type { EngineErrorData } from './contract.ts';

export function cancelled(): EngineError {
  return new EngineError({ code: 'cancelled', message: 'The edit was cancelled.' });
}

export function loadingStopped(): EngineError {
  return new EngineError({
    code: 'cancelled',
    message: 'Loading was stopped. What has arrived is kept; load the model again to go on.',
  });
}

export function deviceLost(detail: string): EngineError {
  return new EngineError({
    code: 'device-lost',
    message: 'The graphics device stopped. Restart the model to go on; nothing of the session is lost.',
    detail,
  });
}

/** Some number of a result is none: memory that failed, a driver's fault, or a broken latent in the history. */
export class NotNumbersError extends EngineError {
  constructor() {
    super({
      code: 'internal',
      message:
        'The model made numbers that are none, so no picture was taken from them. Make it again; if it stays, restart the model.',
    });
  }
}

export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError({
    code: 'internal',
    message: 'The model could not finish. Restart it and try again.',
    detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  });
}

/** The plain data of an error, for the worker boundary. */
export function toErrorData(error: unknown): EngineErrorData {
  const { code, message, detail } = toEngineError(error);
  return detail === undefined ? { code, message } : { code, message, detail };
}
