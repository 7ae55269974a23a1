/** Makes the one error type that leaves the runtime, from a reason of `reasons.ts` or from whatever was thrown. */
import { EngineError } from './contract.ts';
import type { EngineErrorData } from './contract.ts';
import { REASONS } from './reasons.ts';
import type { EngineReason, ValuesOf } from './reasons.ts';

/** The plain data of a failure. `detail` is technical and stays in English. */
export function failureData<Reason extends EngineReason>(
  reason: Reason,
  values: ValuesOf<Reason>,
  detail?: string,
): EngineErrorData {
  const { code, say }: { code: EngineErrorData['code']; say: (values: never) => string } = REASONS[reason];
  const message = say(values as never);
  return { code, message, reason, values, ...(detail !== undefined && { detail }) };
}

export function failure<Reason extends EngineReason>(
  reason: Reason,
  values: ValuesOf<Reason>,
  detail?: string,
): EngineError {
  return new EngineError(failureData(reason, values, detail));
}

export function cancelled(): EngineError {
  return failure('edit-cancelled', {});
}

export function loadingStopped(): EngineError {
  return failure('loading-stopped', {});
}

/** Some number of a result is none: memory that failed, a driver's fault, or a broken latent in the history. */
export class NotNumbersError extends EngineError {
  constructor() {
    super(failureData('not-numbers', {}));
  }
}

export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return failure('unknown', {}, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** The plain data of an error, for the worker boundary. */
export function toErrorData(error: unknown): EngineErrorData {
  const { code, message, detail, reason, values } = toEngineError(error);
  return {
    code,
    message,
    values,
    ...(reason !== undefined && { reason }),
    ...(detail !== undefined && { detail }),
  };
}
