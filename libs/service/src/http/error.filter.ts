import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorText, TransientError } from '../errors/errors.js';

/** Every error answer of every service has this shape. */
export interface ErrorBody {
  /** Stable word for programs. */
  code: string;
  /** For people: the field and the reason. */
  message: string;
  requestId: string;
  [detail: string]: unknown;
}

const CODES: Record<number, string> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'conflict',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  429: 'too_many_requests',
  431: 'headers_too_large',
  503: 'unavailable',
};

/** The one place that turns errors into HTTP: `{code, message, requestId}`; what is not meant for users stays in the log. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const requestId = String(http.getRequest<FastifyRequest>().id);
    const { status, ...body } = describe(error);
    if (status >= 500 && status !== 503) {
      this.logger.error(
        { requestId, error: errorText(error), stack: (error as Error)?.stack },
        'request failed',
      );
    }
    if (status === 503) void reply.header('Retry-After', '5');
    void reply.status(status).send({ ...body, requestId });
  }
}

function describe(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof HttpException) return describeHttp(error);
  if (error instanceof TransientError) {
    return { status: 503, code: 'unavailable', message: 'temporarily unavailable, try again' };
  }
  const status = statusOf(error);
  if (status >= 400 && status < 500) {
    return { status, code: CODES[status] ?? 'bad_request', message: errorText(error) };
  }
  return { status: 500, code: 'internal_error', message: 'internal error' };
}

/** Fastify's own errors (body too large, bad JSON, …) carry their status. */
function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}

function describeHttp(error: HttpException) {
  const status = error.getStatus();
  const response = error.getResponse();
  const detail = typeof response === 'string' ? {} : (response as Record<string, unknown>);
  const message = Array.isArray(detail.message)
    ? detail.message.join('; ')
    : (detail.message ?? error.message);
  const { statusCode: _status, error: _error, ...rest } = detail;
  return { ...rest, status, code: String(detail.code ?? CODES[status] ?? 'error'), message: String(message) };
}
