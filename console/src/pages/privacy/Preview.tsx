import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from 'handfast-client';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { useReference, useSegmentNames } from './queries';

/** How many identities of which namespaces, such as `E-mail 2, Phone 1`. */
export function ByNamespace({ counts }: { counts: Record<string, number> }) {
  const t = useT();
  const intl = useIntl();
  const names = new Map(useReference('namespaces').data?.value.items.map(({ code, name }) => [code, name]));
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) return <>{t('privacy.preview.nobody')}</>;
  return (
    <ul className="plain">
      {entries.map(([code, count]) => (
        <li key={code} dir="auto">
          {names.get(code) ?? code}: {intl.formatNumber(count)}
        </li>
      ))}
    </ul>
  );
}

/** Who would be told of the person: partners and destinations by name, systems outside. */
export function Reach({ found }: { found: Schemas['PrivacyReach'] }) {
  const t = useT();
  const segments = useSegmentNames(useSandbox());
  return (
    <KeyValues
      columns={2}
      items={[
        { label: t('privacy.preview.identities'), value: <ByNamespace counts={found.identities.byNamespace} /> },
        {
          label: t('privacy.preview.segments'),
          value: <Names names={found.segments.map((id) => segments.get(id) ?? id)} />,
        },
        {
          label: t('privacy.preview.recipients'),
          value: <Names names={found.recipients.map(({ name, kind }) => `${name} (${t(`privacy.kind.${kind}`)})`)} />,
        },
        { label: t('privacy.preview.connectors'), value: <Names names={found.connectors} /> },
      ]}
    />
  );
}

function Names({ names }: { names: string[] }) {
  const t = useT();
  if (names.length === 0) return <>{t('privacy.preview.none')}</>;
  return (
    <ul className="plain names">
      {names.map((name, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names may be the same
        <li key={at}>
          <Written>{name}</Written>
        </li>
      ))}
    </ul>
  );
}

/** What a request would do, before it is filed. */
export function Preview({ found }: { found: Schemas['PrivacyPreview'] }) {
  const t = useT();
  const devices = found.sharedDevices;
  return (
    <SpaceBetween size="m">
      <Box>{t('privacy.preview.profiles', { count: found.profiles })}</Box>
      <Reach found={found} />
      {devices && devices.profiles > 0 && (
        <Alert type="warning">{t('privacy.devices.preview', { profiles: devices.profiles })}</Alert>
      )}
      {found.fourEyes && <Alert type="info">{t('privacy.fourEyes.preview')}</Alert>}
      <Box color="text-body-secondary">{t('privacy.preview.nothingYet')}</Box>
    </SpaceBetween>
  );
}
