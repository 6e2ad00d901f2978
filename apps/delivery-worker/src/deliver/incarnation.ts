import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** This life of this worker, made at its start. */
@Injectable()
export class Incarnation {
  readonly id = randomUUID();
}
