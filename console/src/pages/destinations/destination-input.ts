import type { Schemas } from 'handfast-client';
import type { Destination, DestinationType } from './queries';
import { changesOf, type Draft, draftOf, fieldsOf, valuesOf } from './schema-form';

/** What a person enters to connect a destination or to change one. */
export interface DestinationInput {
  name: string;
  description: string;
  accountId: string;
  settings: Draft;
  authentication: Draft;
  /** Beside those of the type. */
  marketingActions: string[];
  /** A day, or nothing. */
  credentialsExpireOn: string;
  gathering: Gathering;
}

export interface Gathering {
  maxIdentities: string;
  maxAgeSeconds: string;
  groupBy: Schemas['GroupBy'][];
}

export function inputOf(type: DestinationType, destination?: Destination): DestinationInput {
  const aggregation = destination?.aggregation;
  return {
    name: destination?.name ?? '',
    description: destination?.description ?? '',
    accountId: destination?.accountId ?? '',
    settings: draftOf(fieldsOf(type.settingsSchema), destination?.settings),
    authentication: draftOf(fieldsOf(type.authenticationSchema), destination?.authentication),
    marketingActions: (destination?.marketingActions ?? []).filter((action) => !isOfType(type, action)),
    credentialsExpireOn: destination?.credentialsExpireAt?.slice(0, 10) ?? '',
    gathering: {
      maxIdentities: aggregation?.maxIdentities?.toString() ?? '',
      maxAgeSeconds: (aggregation?.maxAgeSeconds ?? 0).toString(),
      groupBy: aggregation?.groupBy ?? [],
    },
  };
}

const isOfType = (type: DestinationType, action: string) => (type.marketingActions as string[]).includes(action);

/** The body that connects a destination. */
export function newDestination(type: DestinationType, input: DestinationInput): Schemas['CreateDestination'] {
  return {
    type: type.type,
    name: input.name.trim(),
    description: input.description.trim() || null,
    settings: valuesOf(fieldsOf(type.settingsSchema), input.settings),
    authentication: valuesOf(fieldsOf(type.authenticationSchema), input.authentication),
    marketingActions: input.marketingActions,
    credentialsExpireAt: expiryOf(input),
    ...(type.accountId !== null && { accountId: input.accountId.trim() }),
    ...(gathers(input.gathering) && { aggregation: aggregationOf(input.gathering) }),
  };
}

/** The body that changes one: what differs from what there is. */
export function changesTo(
  type: DestinationType,
  before: Destination,
  input: DestinationInput,
): Schemas['PatchDestination'] {
  const begun = inputOf(type, before);
  const settings = changesOf(fieldsOf(type.settingsSchema), input.settings, before.settings);
  const authentication = changesOf(fieldsOf(type.authenticationSchema), input.authentication, before.authentication);
  const differs = (member: keyof DestinationInput) => JSON.stringify(input[member]) !== JSON.stringify(begun[member]);
  return {
    ...(differs('name') && { name: input.name.trim() }),
    ...(differs('description') && { description: input.description.trim() || null }),
    ...(differs('accountId') && { accountId: input.accountId.trim() }),
    ...(Object.keys(settings).length > 0 && { settings }),
    ...(Object.keys(authentication).length > 0 && { authentication }),
    ...(differs('marketingActions') && { marketingActions: input.marketingActions }),
    ...(differs('credentialsExpireOn') && { credentialsExpireAt: expiryOf(input) }),
    ...(differs('gathering') && { aggregation: gathers(input.gathering) ? aggregationOf(input.gathering) : null }),
  };
}

const expiryOf = ({ credentialsExpireOn: day }: DestinationInput) => (day ? `${day}T00:00:00Z` : null);

const gathers = ({ maxIdentities, maxAgeSeconds, groupBy }: Gathering) =>
  maxIdentities.trim() !== '' || Number(maxAgeSeconds) !== 0 || groupBy.length > 0;

const aggregationOf = ({ maxIdentities, maxAgeSeconds, groupBy }: Gathering): Schemas['AggregationToSet'] => ({
  maxIdentities: maxIdentities.trim() === '' ? null : Number(maxIdentities),
  maxAgeSeconds: Number(maxAgeSeconds),
  groupBy,
});

/** The members that fields of the form stand for, whose errors are shown there. */
export function pointersOf(type: DestinationType): string[] {
  const below = (schema: unknown, member: string) => fieldsOf(schema).map(({ name }) => `/${member}/${name}`);
  return [
    '/name',
    '/description',
    '/accountId',
    '/marketingActions',
    '/credentialsExpireAt',
    '/aggregation',
    ...below(type.settingsSchema, 'settings'),
    ...below(type.authenticationSchema, 'authentication'),
  ];
}
