import { Injectable, type PipeTransform } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { InvalidFieldException } from './invalid-field.js';

/** An id in the path. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUUID(value)) throw new InvalidFieldException('id', 'must be a UUID');
    return value.toLowerCase();
  }
}
