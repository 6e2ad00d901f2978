import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { DeviceEntity } from './device.entity.js';
import { EndpointEntity } from './endpoint.entity.js';

/** A device linked to an endpoint. */
@Entity('endpoint_devices')
@Index('endpoint_devices_device', ['deviceId'])
export class EndpointDeviceEntity {
  @PrimaryColumn('uuid', { name: 'endpoint_id' })
  endpointId: string;

  @PrimaryColumn('uuid', { name: 'device_id' })
  deviceId: string;

  /** Place in the list that was given. */
  @Column('integer')
  place: number;

  @ManyToOne(() => EndpointEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_devices_endpoint_fk' })
  endpoint: Relation<EndpointEntity>;

  @ManyToOne(() => DeviceEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'device_id', foreignKeyConstraintName: 'endpoint_devices_device_fk' })
  device: Relation<DeviceEntity>;
}
