import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ServiceConfig } from '../config/service.config.js';
import { equalSecrets } from '../secrets/constant-time.js';

const PUBLIC = 'kirisan:public';

/** Marks a controller or handler that asks for no internal token: health, and the edges that face providers. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Lets in only who presents the internal token, as `Authorization: Bearer …` or `X-Internal-Token`. */
@Injectable()
export class InternalTokenGuard implements CanActivate {
  private readonly accepted: string[];

  constructor(
    private readonly reflector: Reflector,
    config: ServiceConfig,
  ) {
    this.accepted = [config.internalToken, config.previousInternalToken].filter((token) => token !== '');
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const presented = presentedToken(context.switchToHttp().getRequest<FastifyRequest>());
    if (!presented) throw new UnauthorizedException('the internal token is missing');
    // Every accepted token is compared, so that the time does not tell which one it was.
    const matches = this.accepted.map((token) => equalSecrets(token, presented));
    if (!matches.includes(true)) throw new UnauthorizedException('the internal token is wrong');
    return true;
  }
}

function presentedToken({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const own = headers['x-internal-token'];
  return bearer ?? (Array.isArray(own) ? own[0] : own);
}
