import './page.css';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Tiles from '@cloudscape-design/components/tiles';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { ConnectorForm } from './ConnectorForm';
import { connectorsKey, useConnectorTypes } from './queries';
import { blankOf, type Schema, type Settings, settingsToCreate } from './settings';

const KNOWN = new Set(['segment', 'opendsr', 'klaviyo', 'braze', 'http', 'webhook', 'drop']);

export default function CreateConnector() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'privacy/connectors');
  const types = useConnectorTypes();
  const items = types.data?.value.items ?? [];
  const [type, setType] = useState('');
  const [name, setName] = useState('');
  const [settings, setSettings] = useState<Settings>({});
  const schema = (items.find((each) => each.type === type)?.settings as Schema | undefined) ?? null;
  const title = t('privacy.connectors.add');
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') },
      { text: t('privacy.connectors'), href: list },
      { text: title },
    ],
  });
  const create = useAction(
    (body: { type: string; name: string; settings: Settings }, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/connectors', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [connectorsKey(sandbox)] },
  );
  const choose = (chosen: string) => {
    const found = items.find((each) => each.type === chosen);
    const properties = (found?.settings as Schema | undefined)?.properties ?? {};
    const defs = (found?.settings as Schema | undefined)?.$defs ?? {};
    setType(chosen);
    if (!name || items.some((each) => each.name === name)) setName(found?.name ?? '');
    setSettings(Object.fromEntries(Object.entries(properties).map(([each, field]) => [each, blankOf(field, defs)])));
    create.reset();
  };
  return (
    <ConnectorForm
      title={title}
      submit={t('privacy.connectors.save')}
      schema={schema}
      name={name}
      settings={settings}
      onName={setName}
      onSettings={setSettings}
      error={create.error}
      isPending={create.isPending}
      back={list}
      onSubmit={() =>
        create.mutate(
          { type, name: name.trim(), settings: settingsToCreate(settings) },
          {
            onSuccess: ({ connectorId }) => {
              flash.success(t('privacy.connectors.added'));
              void navigate(inSandbox(sandbox, 'privacy/connectors', connectorId));
            },
          },
        )
      }
    >
      <ProblemAlert error={types.error} onRetry={() => void types.refetch()} />
      <Container header={<Header variant="h2">{t('privacy.connectors.type')}</Header>}>
        <Tiles
          ariaLabel={t('privacy.connectors.type')}
          value={type}
          columns={3}
          items={items.map((each) => ({
            value: each.type,
            label: each.name,
            description: KNOWN.has(each.type) ? t(`privacy.connectorType.${each.type}`) : undefined,
          }))}
          onChange={({ detail }) => choose(detail.value)}
        />
      </Container>
    </ConnectorForm>
  );
}
