import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useIntl } from 'react-intl';
import { CopyId } from '../../components/CopyId';
import { KeyValues } from '../../components/KeyValues';
import { useMarketingActionWords } from '../../components/MarketingActions';
import { Written } from '../../components/NameOrId';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type Destination, useDestinationType } from './queries';
import { useFieldWords } from './SchemaFields';
import { type Field, fieldsOf } from './schema-form';

/** How a destination is set up. Secrets are never there to be shown: it says whether they are set. */
export function Settings({ destination }: { destination: Destination }) {
  const t = useT();
  const type = useDestinationType(destination.type);
  const actions = useMarketingActionWords();
  const gathering = useGathering(destination);
  const settings = useShown(fieldsOf(type?.settingsSchema ?? {}), destination.settings);
  const authentication = useShown(
    fieldsOf(type?.authenticationSchema ?? {}),
    destination.authentication,
    destination.secretNames,
  );
  return (
    <div className="stack">
      {destination.formerSecretsUntil && (
        <Alert type="info" header={t('destinations.former.title')}>
          {t('destinations.former')} <Time at={destination.formerSecretsUntil} exact />. {t('destinations.former.todo')}
        </Alert>
      )}
      <Container header={<Header variant="h2">{t('destinations.overview')}</Header>}>
        <KeyValues
          items={[
            { label: t('destinations.type'), value: type?.name ?? destination.type },
            { label: t('destinations.id'), value: <CopyId value={destination.destinationId} /> },
            { label: t('destinations.createdAt'), value: <Time at={destination.createdAt} /> },
            ...(destination.accountId
              ? [{ label: t('destinations.accountId'), value: <Written>{destination.accountId}</Written> }]
              : []),
            ...(destination.description
              ? [
                  {
                    label: t('destinations.descriptionOf'),
                    value: (
                      <span dir="auto" className="breaks">
                        {destination.description}
                      </span>
                    ),
                  },
                ]
              : []),
            {
              label: t('destinations.uses'),
              value: destination.marketingActions.map((code) => actions(code).name).join(', '),
            },
            { label: t('destinations.gathering'), value: gathering },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t('destinations.settings')}</Header>}>
        <KeyValues items={settings} />
      </Container>
      <Container header={<Header variant="h2">{t('destinations.authentication')}</Header>}>
        {authentication.length === 0 && destination.credentialsExpireAt === null ? (
          <Box color="text-body-secondary">{t('common.none')}</Box>
        ) : (
          <KeyValues
            items={[
              ...authentication,
              {
                label: t('destinations.credentialsExpireAt'),
                value: <Time at={destination.credentialsExpireAt} />,
              },
            ]}
          />
        )}
      </Container>
    </div>
  );
}

function useShown(fields: Field[], values: Readonly<Record<string, unknown>>, secretNames: readonly string[] = []) {
  const t = useT();
  const words = useFieldWords();
  return fields.flatMap((field) => {
    const label = words.title(field);
    if (secretNames.includes(field.name)) return [{ label, value: t('destinations.secret.set') }];
    const value = values[field.name];
    const isBlank = value === undefined || value === null || value === '';
    // The kind says which of the others there are.
    if (field.kind === 'secret' || field.kind === 'block' || (isBlank && field.onlyWith)) return [];
    if (field.onlyWith && values[field.onlyWith.field] !== field.onlyWith.option) return [];
    return [{ label, value: isBlank ? t('common.none') : <Value value={value} /> }];
  });
}

function Value({ value }: { value: unknown }) {
  const t = useT();
  const intl = useIntl();
  const words = useFieldWords();
  if (typeof value === 'boolean') return <>{value ? t('destinations.yes') : t('destinations.no')}</>;
  if (typeof value === 'number') return <>{intl.formatNumber(value)}</>;
  if (typeof value !== 'object') return <Written>{words.option(String(value))}</Written>;
  const pairs = Object.entries((value ?? {}) as Record<string, string>);
  if (pairs.length === 0) return <>{t('common.none')}</>;
  return (
    <ul className="plain">
      {pairs.map(([name, text]) => (
        <li key={name}>
          <Written>{`${name}: ${text}`}</Written>
        </li>
      ))}
    </ul>
  );
}

function useGathering({ aggregation }: Destination): string {
  const t = useT();
  const { maxIdentities, maxAgeSeconds, groupBy } = aggregation;
  if (maxIdentities === null && maxAgeSeconds === 0 && groupBy.length === 0) return t('destinations.gathering.none');
  return [
    maxIdentities !== null && t('destinations.gathering.most', { count: maxIdentities }),
    maxAgeSeconds > 0 && t('destinations.gathering.age', { seconds: maxAgeSeconds }),
    ...groupBy.map((group) => t(`destinations.groupBy.${group}`)),
  ]
    .filter(Boolean)
    .join(', ');
}
