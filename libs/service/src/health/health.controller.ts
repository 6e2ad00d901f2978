import { Controller, Get, HttpCode, ServiceUnavailableException } from '@nestjs/common';
import { Public } from '../http/internal-token.guard.js';
import { Health } from './health.js';

/** `live`: the process answers. `ready`: everything it needs is there. */
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @HttpCode(200)
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  ready() {
    const { ready, problems } = this.health.readiness();
    if (!ready) throw new ServiceUnavailableException({ code: 'not_ready', message: 'not ready', problems });
    return { status: 'ok' };
  }
}
