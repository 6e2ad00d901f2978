import axios from 'axios';

/** The log service refused the request, or did not answer. */
export class LogClientError extends Error {
  override name = 'LogClientError';

  constructor(
    message: string,
    /** The service's word for what is wrong, such as `validation_failed`; `timeout` or `unreachable` when it gave no answer. */
    readonly code: string,
    /** HTTP status, if there was an answer. */
    readonly status?: number,
    /** To be looked for in the service's log. */
    readonly requestId?: string,
  ) {
    super(message);
  }
}

/** The original error is not kept as a cause: it holds the request with its token. */
export function toLogClientError(error: unknown): LogClientError {
  if (!axios.isAxiosError(error))
    return new LogClientError(String((error as Error)?.message ?? error), 'unreachable');
  const { response } = error;
  if (!response)
    return new LogClientError(`the log service did not answer: ${error.message}`, codeOf(error.code));
  const body =
    typeof response.data === 'object' && response.data !== null
      ? (response.data as Record<string, unknown>)
      : {};
  return new LogClientError(
    typeof body.message === 'string' ? body.message : `the log service answered ${response.status}`,
    typeof body.code === 'string' ? body.code : 'error',
    response.status,
    typeof body.requestId === 'string' ? body.requestId : undefined,
  );
}

function codeOf(axiosCode: string | undefined): string {
  return axiosCode === 'ECONNABORTED' || axiosCode === 'ETIMEDOUT' ? 'timeout' : 'unreachable';
}
