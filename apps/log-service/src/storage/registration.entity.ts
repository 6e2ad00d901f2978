import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The first routing of an event: it fixes the event's matches for good. */
@Entity({ schema: 'log', name: 'registrations' })
export class RegistrationEntity {
  @PrimaryColumn('uuid', { name: 'event_id' })
  eventId: string;

  @Column('timestamptz', { name: 'registered_at' })
  registeredAt: Date;

  @Column('uuid', { name: 'endpoint_ids', array: true })
  endpointIds: string[];
}
