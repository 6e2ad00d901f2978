import { Column, Entity } from 'typeorm';
import { DeliveryFacts } from './delivery-facts.js';

/** A delivery that was claimed and has no outcome yet: it waits here for it, or for its worker to fall silent. */
@Entity({ schema: 'log', name: 'open_deliveries' })
export class OpenDeliveryEntity extends DeliveryFacts {
  @Column('int', { name: 'kind_id' })
  kindId: number;

  @Column('text')
  incarnation: string;
}
